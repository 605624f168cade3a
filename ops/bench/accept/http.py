"""HTTP: accepts per second of the server's CPU, beside the same application that only validates and answers.

Both run as `triage ingest http` does, one after the other, against one embedded Valkey that writes each acceptance to
disk. The client keeps connections open and sends the next ticket when the last one was answered.
"""

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from fleet.errors import FleetError
from ops.bench.accept.posting import Load, post_all
from ops.bench.texts import one_call_texts
from ops.demo.fleet import LocalFleet
from ops.demo.processes import Child, free_port
from producers.api.token_book import create
from producers.api.tokens import Scope, Token

GOAL = 0.5
TICKETS = 6_000
WARM_UP = 500
CONNECTIONS = 64
START_S = 30.0
_NO_SIMULATOR = "http://127.0.0.1:9"

_OURS = ("-m", "ops.cli.main", "ingest", "http")
_BARE = ("-m", "ops.bench.accept.bare_http")


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU of the server process per ticket in microseconds, and tickets per second on this machine."""

    cpu_us: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and how to call it."""

    load: Load
    metrics_port: int


def run(*, pairs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure `pairs` pairs, after one that only warms up."""
    ours: list[Sample] = []
    bare: list[Sample] = []
    environment = {"TRIAGE_MAX_BACKLOG": str(100 * TICKETS)}
    with (
        LocalFleet((), simulator_url=_NO_SIMULATOR, environment=environment, appendfsync="always") as fleet,
        _served(fleet, _BARE) as bare_server,
        _served(fleet, _OURS) as our_server,
    ):
        for number in range(pairs + 1):
            pair = _measured(fleet, bare_server), _measured(fleet, our_server)
            if number:
                bare.append(pair[0])
                ours.append(pair[1])
                say(f"http, pair {number}/{pairs}: CPU {pair[0].cpu_us:.0f} us bare, {pair[1].cpu_us:.0f} us accepted")
    return _result(ours, bare)


@contextlib.contextmanager
def _served(fleet: LocalFleet, command: Sequence[str]) -> Iterator[Server]:
    port, metrics_port = free_port(), free_port()
    secret = create(fleet.ledger.redis, Token(f"bench-{port}", "", frozenset(Scope)))
    own = {"TRIAGE_HTTP_LISTEN": f"127.0.0.1:{port}", "TRIAGE_METRICS_PORT": str(metrics_port)}
    log = fleet.folder / f"http-{port}.log"
    child = Child(f"http-{port}", [sys.executable, *command], fleet.environment() | own, log)
    child.start()
    try:
        _until_ready(child, metrics_port)
        yield Server(Load(port, secret, CONNECTIONS), metrics_port)
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.stop()


def _until_ready(child: Child, port: int) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return
        if time.monotonic() > deadline or not child.is_alive:
            raise FleetError(f"the server did not start; its log says:\n{child.tail()}")
        time.sleep(0.1)


def _measured(fleet: LocalFleet, server: Server) -> Sample:
    texts = one_call_texts()
    bodies = [json.dumps({"text": texts[n % len(texts)]}).encode() for n in range(WARM_UP + TICKETS)]
    _post(server.load, bodies[:WARM_UP])
    cpu, started = _cpu_s(server), time.perf_counter()
    _post(server.load, bodies[WARM_UP:])
    seconds, cpu = time.perf_counter() - started, _cpu_s(server) - cpu
    _forget_tickets(fleet)
    return Sample(cpu / TICKETS * 1e6, TICKETS / seconds)


def _post(load: Load, bodies: list[bytes]) -> None:
    accepted = asyncio.run(post_all(load, bodies))
    if accepted != len(bodies):
        raise FleetError(f"{accepted} of {len(bodies)} tickets were accepted")


def _forget_tickets(fleet: LocalFleet) -> None:
    for pattern in ("tf:[^h]*", "tf:h:*"):  # all but the tokens
        for key in fleet.ledger.redis.scan_iter(pattern, count=10_000):
            fleet.ledger.redis.unlink(key)


def _cpu_s(server: Server) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    found = {sample.name: sample.value for family in families for sample in family.samples}
    if "process_cpu_seconds_total" not in found:
        raise FleetError("the CPU of another process can be read on Linux only")
    return float(found["process_cpu_seconds_total"])


def _result(ours: list[Sample], bare: list[Sample]) -> dict[str, Any]:
    ratios = sorted(theirs.cpu_us / mine.cpu_us for mine, theirs in zip(ours, bare, strict=True))
    median = statistics.median(ratios)
    return {
        "goal": GOAL,
        "ratio": {"median": round(median, 3), "min": round(ratios[0], 3), "max": round(ratios[-1], 3)},
        "is_met": median >= GOAL,
        "tickets": TICKETS,
        "connections": CONNECTIONS,
        "pairs": len(ratios),
        "accepts_per_core_s": round(1e6 / statistics.median(sample.cpu_us for sample in ours)),
        "bare_per_core_s": round(1e6 / statistics.median(sample.cpu_us for sample in bare)),
        "accepts_per_s_here": round(statistics.median(sample.per_s for sample in ours)),
        "bare_per_s_here": round(statistics.median(sample.per_s for sample in bare)),
    }
