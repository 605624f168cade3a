"""Bulk import: `triage submit` of a JSON lines file, beside raw pipelined writes of the same bytes to the same server.

Both run on one embedded Valkey, in turn, and the ratio is taken pair by pair. Ours reads the file, checks and
hashes each row, writes ticket, key, index and story, and hints at it over the broker; the other is redis-py's pipeline
of SETs, with batches of the same size, of lines that are in memory already.
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from fleet.errors import FleetError
from ops.bench.texts import one_call_texts
from ops.cli.intake.later import LaterHints
from ops.cli.intake.places import find_places
from ops.cli.intake.progress import ProgressView
from ops.cli.intake.pump import BATCH
from ops.cli.submit import make_submission, submit
from ops.cli.terminal.connection import Hints
from ops.demo.fleet import LocalFleet
from producers.files.reading import Reading

GOAL = 0.3
TICKETS = 20_000
_NO_SIMULATOR = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: tickets per second, and CPU per ticket of this process and of the server, in microseconds."""

    per_s: float
    cpu_us: float
    server_cpu_us: float


def run(*, pairs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure `pairs` pairs, after one that only warms up."""
    lines = _lines()
    ours: list[Sample] = []
    raw: list[Sample] = []
    with LocalFleet((), simulator_url=_NO_SIMULATOR, environment={"TRIAGE_MAX_BACKLOG": str(10 * TICKETS)}) as fleet:
        file = fleet.folder / "tickets.jsonl"
        file.write_bytes(b"".join(lines))
        for number in range(pairs + 1):
            pair = _measured(fleet, lambda: _write(fleet, lines)), _measured(fleet, lambda: _submit(fleet, file))
            if number:
                raw.append(pair[0])
                ours.append(pair[1])
                say(f"bulk, pair {number}/{pairs}: raw {pair[0].per_s:,.0f}/s, submit {pair[1].per_s:,.0f}/s")
    return _result(ours, raw, sum(map(len, lines)) / len(lines))


def _lines() -> list[bytes]:
    texts = one_call_texts()
    rows = ({"id": f"bulk-{n}", "text": texts[n % len(texts)]} for n in range(TICKETS))
    return [json.dumps(row).encode() + b"\n" for row in rows]


def _measured(fleet: LocalFleet, work: Callable[[], None]) -> Sample:
    fleet.ledger.redis.flushall()
    cpu, server = time.process_time(), _server_cpu_s(fleet.ledger.redis)
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    cpu, server = time.process_time() - cpu, _server_cpu_s(fleet.ledger.redis) - server
    return Sample(TICKETS / seconds, cpu / TICKETS * 1e6, server / TICKETS * 1e6)


def _server_cpu_s(client: redis.Redis) -> float:
    info: Any = client.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


def _write(fleet: LocalFleet, lines: list[bytes]) -> None:
    client = fleet.ledger.redis
    for start in range(0, len(lines), BATCH):
        with client.pipeline(transaction=False) as pipe:
            for number, line in enumerate(lines[start : start + BATCH], start):
                pipe.set(f"raw:{number}", line)
            pipe.execute()


def _submit(fleet: LocalFleet, file: Path) -> None:
    options = argparse.Namespace(lane="normal", hint_size=None, wait=0.0)
    hints, stopping = Hints(fleet.settings), threading.Event()
    later = LaterHints(hints.look)
    view = ProgressView(None)
    submission = make_submission(options, fleet.settings, fleet.ledger, later, view.say, stopping=stopping)
    end = submit(submission, find_places([str(file)]), Reading(), view, stopping)
    later.close()
    hints.close()
    if submission.tally.accepted != TICKETS or hints.failure:
        raise FleetError(f"{submission.tally.accepted} of {TICKETS} went in: {end.stopped or hints.failure}")


def _result(ours: list[Sample], raw: list[Sample], row_bytes: float) -> dict[str, Any]:
    ratios = sorted(mine.per_s / theirs.per_s for mine, theirs in zip(ours, raw, strict=True))
    median = statistics.median(ratios)
    return {
        "goal": GOAL,
        "ratio": {"median": round(median, 3), "min": round(ratios[0], 3), "max": round(ratios[-1], 3)},
        "is_met": median >= GOAL,
        "tickets": TICKETS,
        "batch": BATCH,
        "bytes_per_row": round(row_bytes),
        "pairs": len(ratios),
        "submit": _medians(ours),
        "raw": _medians(raw),
    }


def _medians(samples: list[Sample]) -> dict[str, float]:
    names = ("per_s", "cpu_us", "server_cpu_us")
    return {name: round(statistics.median(getattr(sample, name) for sample in samples), 1) for name in names}
