"""`triage bench fleet`: what the fleet costs per ticket, as a ratio to the same calls in a bare loop.

One worker process, many tickets in flight, one call per ticket. Runs are interleaved (bare, one per hint, ten per
hint, hints that lead to nothing) on the same simulator, and the ratios are taken pair by pair.
"""

import json
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleet.errors import FleetError
from fleet.ledger.reading import read_totals
from fleet.ledger.records import Acceptance
from fleet.ledger.transitions import Transition, accept
from fleet.ticket import make_ticket
from ops.bench.texts import one_call_texts
from ops.demo.fleet import LocalFleet, WorkerPlan
from ops.demo.processes import free_port
from ops.demo.taxonomies import default_taxonomy

QUEUE = "triage.small"
TIMEOUT_S = 300.0


_NO_LIMIT = """[default]
requests_per_minute = 1e9
input_tokens_per_minute = 1e12
output_tokens_per_minute = 1e12
"""
"""Permits are asked for and settled, and never refused: what they cost is measured, not what they hold back."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: CPU of the measured process per ticket, tickets per second, and its memory."""

    cpu_ms: float
    per_s: float
    memory_mb: float


class FleetBench:
    """Runs the benchmark; `say` is told what is going on."""

    def __init__(self, *, count: int, in_flight: int, pairs: int, say: Callable[[str], None]) -> None:
        self._count = count
        self._in_flight = in_flight
        self._pairs = pairs
        self._say = say
        self._texts = one_call_texts()
        self._round = 0

    def run(self) -> dict[str, Any]:
        """Measure; answers medians, ratios pair by pair, and where the time goes."""
        port = free_port()
        runs: dict[str, list[Sample]] = {"bare": [], "single": [], "ten": [], "empty": []}
        # Nothing is escalated: one ticket is one call, as in the bare loop.
        with default_taxonomy(small_confidence=0.0) as taxonomy:
            limits = taxonomy.with_name("limits.toml")
            limits.write_text(_NO_LIMIT, "utf-8")
            environment = {
                "TRIAGE_METRICS_PORT": str(port),
                "TRIAGE_TAXONOMY": str(taxonomy),
                "TRIAGE_LIMITS": str(limits),
            }
            self._run_in(environment, f"http://127.0.0.1:{port}/metrics", runs)
        return self._summary(runs)

    def _run_in(self, environment: dict[str, str], metrics_url: str, runs: dict[str, list[Sample]]) -> None:
        plan = WorkerPlan("bench", f"{QUEUE},triage.deliver", 1, slots=self._in_flight)
        with LocalFleet((plan,), simulator=("--unlimited",), environment=environment) as fleet:
            fleet.wait_ready()
            self._fleet, self._metrics_url = fleet, metrics_url
            self._tickets(size=1, count=200)
            for number in range(self._pairs):
                runs["bare"].append(self._bare())
                runs["single"].append(self._tickets(size=1, count=self._count))
                runs["ten"].append(self._tickets(size=10, count=self._count))
                runs["empty"].append(self._hints_for_nothing())
                self._say(f"pair {number + 1}/{self._pairs}: " + _line(runs))

    def _bare(self) -> Sample:
        command = [sys.executable, "-m", "ops.bench.bare", "--url", self._fleet.simulator_url]
        command += ["--count", str(self._count), "--in-flight", str(self._in_flight)]
        lines = "\n".join(json.dumps(text) for text in self._texts)
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        if done.returncode:
            raise FleetError(f"the bare loop failed:\n{done.stderr[-2000:]}")
        return Sample(**json.loads(done.stdout))

    def _tickets(self, *, size: int, count: int) -> Sample:
        self._round += 1
        wishes: list[Transition[Acceptance]] = [
            accept(
                make_ticket(source="file", body=self._texts[n % len(self._texts)]),
                key=f"bench:{self._round}:{n}",
                max_backlog=10_000_000,
            )
            for n in range(count)
        ]
        taken = [
            done for start in range(0, count, 500) for done in self._fleet.ledger.run_many(wishes[start : start + 500])
        ]
        self._ids, self._at_ms = [done.ticket_id for done in taken], taken[-1].at_ms
        before = read_totals(self._fleet.ledger.redis).triaged
        return self._measure(size, lambda: read_totals(self._fleet.ledger.redis).triaged >= before + count, count)

    def _hints_for_nothing(self) -> Sample:
        """Hints for tickets that are done: Celery and the refused claim, and nothing else."""
        redis = self._fleet.ledger.redis
        return self._measure(1, lambda: not redis.llen(f"tf:{QUEUE}") and not redis.hlen("tf:unacked"), len(self._ids))

    def _measure(self, size: int, is_done: Callable[[], bool], count: int) -> Sample:
        cpu = self._worker()[0]
        # The backlog stands before the clock starts, as it does for the bare loop: sending hints is a producer's work,
        # and on a small machine it would be paid from the worker's core.
        process = self._fleet.workers[0].process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        try:
            self._fleet.hints.look_each([(i, QUEUE) for i in self._ids], at_ms=self._at_ms, size=size)
        finally:
            process.send_signal(signal.SIGCONT)
        started = time.monotonic()
        while not is_done():
            if time.monotonic() - started > TIMEOUT_S:
                raise FleetError(f"the tickets did not end within {TIMEOUT_S:.0f} s")
            time.sleep(0.02)
        wall = time.monotonic() - started
        self._wait_for_deliveries()
        cpu_after, memory_mb = self._worker()
        return Sample((cpu_after - cpu) / count * 1000, count / wall, memory_mb)

    def _wait_for_deliveries(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while read_totals(self._fleet.ledger.redis).effects_waiting and time.monotonic() < deadline:
            time.sleep(0.02)

    def _worker(self) -> tuple[float, float]:
        """CPU seconds and resident megabytes of the worker process, as it reports them itself."""
        with urllib.request.urlopen(self._metrics_url, timeout=10) as answer:  # noqa: S310 - our own worker
            text = answer.read().decode()
        found = {name: float(value) for name, value in re.findall(r"^(process_\w+) (\S+)$", text, re.MULTILINE)}
        if "process_cpu_seconds_total" not in found:
            raise FleetError("this system does not tell a process's CPU time in /proc; run the benchmark on Linux")
        return found["process_cpu_seconds_total"], found["process_resident_memory_bytes"] / 2**20

    def _summary(self, runs: dict[str, list[Sample]]) -> dict[str, Any]:
        medians = {name: _medians(samples) for name, samples in runs.items()}
        bare, single, empty = (medians[name]["cpu_ms"] for name in ("bare", "single", "empty"))
        return {
            "simulated": True,
            "pairs": self._pairs,
            "tickets": self._count,
            "in_flight": self._in_flight,
            "python": sys.version.split()[0],
            "median": medians,
            "ratio": {
                "cpu_single": _ratio(runs, "single", "cpu_ms"),
                "cpu_ten": _ratio(runs, "ten", "cpu_ms"),
                "tickets_per_s_single": _ratio(runs, "single", "per_s"),
                "tickets_per_s_ten": _ratio(runs, "ten", "per_s"),
                "memory_single": _ratio(runs, "single", "memory_mb"),
            },
            "goals": {"cpu_single": "<= 4", "cpu_ten": "<= 2.5", "tickets_per_s_single": ">= 0.7"},
            "where_cpu_ms_goes_single": {
                "model_call": round(bare, 3),
                "celery_and_claim": round(empty, 3),
                "pipeline_ledger_delivery": round(single - bare - empty, 3),
            },
        }


def _medians(samples: list[Sample]) -> dict[str, float]:
    return {
        name: round(statistics.median(getattr(sample, name) for sample in samples), 3)
        for name in ("cpu_ms", "per_s", "memory_mb")
    }


def _ratio(runs: dict[str, list[Sample]], name: str, figure: str) -> dict[str, float]:
    pairs = zip(runs[name], runs["bare"], strict=True)
    ratios = sorted(getattr(ours, figure) / getattr(bare, figure) for ours, bare in pairs)
    return {"median": round(statistics.median(ratios), 2), "min": round(ratios[0], 2), "max": round(ratios[-1], 2)}


def _line(runs: dict[str, list[Sample]]) -> str:
    return ", ".join(
        f"{name} {samples[-1].cpu_ms:.2f} ms CPU, {samples[-1].per_s:.0f}/s" for name, samples in runs.items()
    )
