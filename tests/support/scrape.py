"""Reads the metrics that worker processes serve, as Prometheus would."""

import json
import urllib.request
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from ops.demo.fleet import LocalFleet

Sample = tuple[str, frozenset[tuple[str, str]]]


def metrics_ports(fleet: LocalFleet) -> list[int]:
    """The port of each worker process, by its heartbeat."""
    beats: list[Any] = [fleet.ledger.redis.get(key) for key in fleet.ledger.redis.scan_iter("tf:hb:*")]
    return [int(json.loads(beat)["metrics_port"]) for beat in beats if beat]


def scrape(port: int) -> dict[Sample, float]:
    """Read one process: (name, labels) and value of every sample."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(fleet: LocalFleet, name: str, **labels: str) -> float:
    """Sum a metric over all processes and over the labels that are not named."""
    wanted = set(labels.items())
    return sum(
        value
        for port in metrics_ports(fleet)
        for (found, its_labels), value in scrape(port).items()
        if found == name and wanted <= its_labels
    )
