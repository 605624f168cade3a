"""The course that every run is on: a fresh simulator with an empty bucket, a warm-up, a window between two readings."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import FleetError
from ops.bench.quota.window import Quota, Reading, reading
from ops.demo.fleet import LocalFleet, WorkerPlan
from ops.demo.processes import Child
from ops.demo.taxonomies import default_taxonomy

FLOOD_S = 120.0
STOP_S = 30.0


@contextmanager
def course(quota: Quota, plan: Sequence[WorkerPlan] = ()) -> Iterator[LocalFleet]:
    """Start Valkey, a simulator that enforces the quota, and workers that were told the same limits."""
    # Nothing is escalated: one ticket is one call, and one bucket is the tightest.
    with default_taxonomy(small_confidence=0.0) as taxonomy, tempfile.TemporaryDirectory(prefix="triage-") as folder:
        ours, theirs = Path(folder) / "limits.toml", Path(folder) / "simulator.toml"
        ours.write_text(quota.toml(for_simulator=False))
        theirs.write_text(quota.toml(for_simulator=True))
        environment = {"TRIAGE_TAXONOMY": str(taxonomy), "TRIAGE_LIMITS": str(ours)}
        with LocalFleet(plan, simulator=("--limits", str(theirs)), environment=environment) as fleet:
            fleet.wait_ready()
            yield fleet


def empty_bucket(fleet: LocalFleet) -> Reading:
    """Take all that a fresh bucket holds; answers the reading from which a run's own calls count."""
    command = [sys.executable, "-m", "ops.bench.quota.foreign", "--url", fleet.simulator_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FLOOD_S)
    if done.returncode:
        raise FleetError(f"the simulator's bucket could not be emptied:\n{done.stderr[-2000:]}")
    return read_simulator(fleet)


def measure(fleet: LocalFleet, *, warm_up_s: float, window_s: float) -> tuple[Reading, Reading]:
    """Wait for the steady state, then read the simulator at both ends of the window."""
    time.sleep(warm_up_s)
    before = read_simulator(fleet)
    time.sleep(window_s)
    return before, read_simulator(fleet)


def read_simulator(fleet: LocalFleet) -> Reading:
    """What the simulator has answered so far."""
    with urllib.request.urlopen(f"{fleet.simulator_url}/_simulator/stats", timeout=10) as answer:  # noqa: S310 - ours
        return reading(json.load(answer), time.monotonic())


def child(fleet: LocalFleet, name: str, module: str, *options: str) -> Child:
    """Start a process of a run; it ends with `stop_all`."""
    command = [sys.executable, "-m", module, "--url", fleet.simulator_url, *options]
    process = Child(name, command, fleet.environment(), fleet.folder / f"{name}.log")
    process.start()
    return process


def stop_all(children: Sequence[Child]) -> None:
    """SIGTERM to all at once: each ends the calls it is making. A process that had died before is an error."""
    dead = [process for process in children if not process.is_alive]
    for process in children:
        process.is_supervised = False
        if process.is_alive and process.process is not None:
            process.process.terminate()
    for process in children:
        process.stop(STOP_S)
    if dead:
        raise FleetError(f"{dead[0].name} died while it was measured; its log says:\n{dead[0].tail()}")
