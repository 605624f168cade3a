"""Whole fleets for the acceptance tests: real worker processes, a real Valkey, the real SDK against the simulator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ops.demo.fleet import LocalFleet, WorkerPlan
from tests.support.simulator import Simulator
from tests.support.waiting import DEADLINE_S

EVERYTHING = "triage.small,triage.frontier,triage.deliver"
SLOTS = 8

QUARANTINE = WorkerPlan("quarantine", "triage.quarantine", 1, slots=1)

QUICK = {"TRIAGE_LEASE_S": "4", "TRIAGE_HINT_SLACK_S": "2"}
"""Shorter than in production, so that a test of many deaths does not mostly wait for leases to end."""


def workers(processes: int, slots: int = SLOTS) -> WorkerPlan:
    """Processes that each do everything but quarantine."""
    return WorkerPlan("triage", EVERYTHING, processes, slots)


@contextmanager
def running_fleet(
    plan: Sequence[WorkerPlan], simulator: Simulator, *, app: str = "worker.app", **environment: str
) -> Iterator[LocalFleet]:
    """Run a fleet until the end of the block, whatever happens in it; ready when the block begins."""
    with LocalFleet(plan, simulator_url=simulator.url, environment=environment, app=app) as fleet:
        fleet.wait_ready(DEADLINE_S)
        yield fleet
