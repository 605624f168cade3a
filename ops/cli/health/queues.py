"""Who serves the queues: what waits in each, how many living workers take hints from it, and which have none."""

from collections.abc import Iterator
from typing import Any

import redis
from prometheus_client.core import GaugeMetricFamily, Metric

from fleet.lanes import DELIVER, lanes_of
from fleet.ledger.heartbeats import Workers, serving
from fleet.ledger.reading import read_waiting

Queues = dict[str, dict[str, int]]


def read_queues(client: redis.Redis, workers: list[dict[str, Any]]) -> Queues:
    """Read of every queue what waits in it (of deliveries: in the outbox) and how many living workers serve it."""
    return {
        queue: {"waiting": waiting, "workers": serving(workers, queue)}
        for queue, waiting in read_waiting(client).items()
    }


def queue_metrics(client: redis.Redis, workers: Workers) -> Iterator[Metric]:
    """Say the same to Prometheus."""
    queues = read_queues(client, workers.alive())
    for name, text, field in (
        ("triage_queue_waiting", "Tickets (of triage.deliver: deliveries) that wait in a queue.", "waiting"),
        ("triage_queue_workers", "Living workers that serve a queue.", "workers"),
    ):
        metric = GaugeMetricFamily(name, text, labels=["queue"])
        for queue, view in queues.items():
            metric.add_metric([queue], view[field])
        yield metric


def unserved(queues: Queues, workers: list[dict[str, Any]]) -> list[str]:
    """Name the queues that no living worker serves, a tier that has none with all its lanes as one.

    Loud where something waits in them. Where a worker does not say what it serves, nobody knows.
    """
    if not workers or not all(worker["queues"] for worker in workers):
        return []
    idle = {queue: view["waiting"] for queue, view in queues.items() if not view["workers"]}
    lines = []
    for queue in sorted(idle, key=lambda name: len(lanes_of(name)), reverse=True):
        lanes = lanes_of(queue) if idle.keys() >= set(lanes_of(queue)) else (queue,)
        waiting = [idle.pop(lane) for lane in lanes if lane in idle]
        if waiting:
            lines.append(_unserved(queue, sum(waiting)))
    return lines


def _unserved(queue: str, waiting: int) -> str:
    if not waiting:
        return f"nobody serves {queue}"
    one, many = ("delivery", "deliveries") if queue == DELIVER else ("ticket", "tickets")
    return f"NOBODY SERVES {queue}: {waiting:,} {f'{one} waits' if waiting == 1 else f'{many} wait'} there"
