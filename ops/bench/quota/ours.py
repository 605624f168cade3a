"""The fleet under a quota: alone with it, and beside somebody who takes a part of it."""

from dataclasses import dataclass

from fleet.ledger.reading import read_totals
from fleet.ledger.records import Acceptance
from fleet.ledger.transitions import Transition, accept
from fleet.ticket import make_ticket
from ops.bench.quota.course import child, course, empty_bucket, measure, read_simulator, stop_all
from ops.bench.quota.outcomes import count_files
from ops.bench.quota.window import REFUSED, Quota, Row, Window, row_of
from ops.demo.fleet import LocalFleet, WorkerPlan

QUEUE = "triage.small"
BATCH = 500
SPARE = 1.3
"""More tickets than can be done, so that work never runs out while it is measured."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One measurement: under which quota, with how many processes and slots, for how long."""

    quota: Quota
    processes: int
    slots: int
    warm_up_s: float
    window_s: float

    @property
    def backlog(self) -> int:
        """Tickets that cannot all be done in this time."""
        possible = self.quota.per_s * (self.warm_up_s + self.window_s + self.quota.burst_s)
        return int(possible * SPARE) + self.processes * self.slots


def run_ours(name: str, trial: Trial, texts: list[str], *, foreign_share: float = 0.0) -> Row:
    """Let the fleet work on a backlog; `foreign_share` of the quota goes to somebody else, steadily."""
    plan = WorkerPlan("bench", f"{QUEUE},triage.deliver", trial.processes, trial.slots)
    with course(trial.quota, (plan,)) as fleet:
        file, others = fleet.folder / "foreign.txt", []
        dispatch, at_ms = _accept(fleet, texts, trial.backlog)
        started = empty_bucket(fleet)
        if foreign_share:
            rate = str(trial.quota.per_s * foreign_share)
            others = [child(fleet, "foreign", "ops.bench.quota.foreign", "--per-s", rate, "--outcomes", str(file))]
        fleet.hints.look_each(dispatch, at_ms=at_ms)
        before, after = measure(fleet, warm_up_s=trial.warm_up_s, window_s=trial.window_s)
        stop_all(fleet.workers)
        # All of the run now: what the workers were doing when they were told to stop has ended.
        theirs = count_files([file], before.at_s, after.at_s)
        window = Window.between(before, after).without(theirs)
        stop_all(others)
        whole = Window.between(started, read_simulator(fleet)).without(count_files([file]))
        totals = read_totals(fleet.ledger.redis)
    return row_of(
        name,
        window,
        trial.quota,
        1.0 - foreign_share,
        failed=totals.parked,
        wasted=max(0, whole.accepted - totals.triaged),
        note=f"somebody else asks for {foreign_share:.0%}, refused {theirs[REFUSED]}" if foreign_share else "",
    )


def _accept(fleet: LocalFleet, texts: list[str], count: int) -> tuple[list[tuple[str, str]], int]:
    wishes: list[Transition[Acceptance]] = [
        accept(make_ticket(source="file", body=texts[n % len(texts)]), key=f"bench:{n}", max_backlog=10_000_000)
        for n in range(count)
    ]
    taken = [done for start in range(0, count, BATCH) for done in fleet.ledger.run_many(wishes[start : start + BATCH])]
    return [(done.ticket_id, QUEUE) for done in taken], taken[-1].at_ms
