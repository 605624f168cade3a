"""A rolling upgrade, forward and back: the release before and this one on one ledger, producers and workers of both."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from fleet.ledger.reading import read_totals
from fleet.ticket import Ticket, TicketFlag
from ops.demo.fleet import LocalFleet, WorkerPlan
from ops.demo.processes import Child
from tests.support.books import check_books, describe, events, wait_until_quiet
from tests.support.fleets import EVERYTHING, running_fleet
from tests.support.load import MIXED, make_tickets, submit
from tests.support.releases import PREVIOUS, extract_release, start_worker, triage
from tests.support.simulator import Simulator
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300), pytest.mark.xdist_group("upgrade")]

SLOTS = 16
QUICKER = {"TRIAGE_HINT_SLACK_S": "0.5", "TRIAGE_REAP_EVERY_S": "0.3"}
"""The old release's workers leave what they cannot read to lost hints."""
LATENCY = 0.2
OLD, NEW, AGAIN = (WorkerPlan(name, EVERYTHING, 1, SLOTS) for name in ("old", "new", "again"))


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the release before."""
    return extract_release(PREVIOUS, tmp_path_factory.mktemp("previous"))


@pytest.fixture
def fleet(simulator_at: Callable[[float], Simulator]) -> Iterator[LocalFleet]:
    """A fleet without a worker yet."""
    with running_fleet((), simulator_at(LATENCY), **QUICKER) as empty:
        yield empty


def submit_new(fleet: LocalFleet, count: int, name: str) -> list[str]:
    """Have this release's producers hand in tickets, each third of them with something that the old one cannot read."""
    tickets = make_tickets(count, name, MIXED)
    return submit(fleet, [_changed(ticket, n) for n, ticket in enumerate(tickets)])


def _changed(ticket: Ticket, n: int) -> Ticket:
    new = ({"flags": (TicketFlag.HIDDEN_TEXT,)}, {"forwarded": "you owe us 12 euros"}, {})[n % 3]
    return ticket.model_copy(update=new)


def submit_old(fleet: LocalFleet, release: Path, count: int, name: str) -> list[str]:
    """Have the old release's `triage submit` hand in as many."""
    rows = [{"id": t.id, "text": t.body} for t in make_tickets(count, name, MIXED)]
    file = fleet.folder / f"{name}.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    said = json.loads(triage(fleet, release, ["submit", str(file), "--json"]))
    assert said["accepted"] == count
    return [str(ticket_id) for ticket_id in said["ids"]]


def claimed_by(fleet: LocalFleet, ids: Sequence[str], children: Sequence[Child]) -> Counter[str]:
    """Count claims by the worker that made them."""
    names = {child.pid: child.name for child in children}
    claims = [line for one in ids for line in events(fleet.ledger.redis, one, "claimed")]
    return Counter(names[int(line["worker"].rpartition("-")[2])] for line in claims)


def crossings(fleet: LocalFleet, ids: Sequence[str]) -> int:
    """Count the tickets that went from one release's hands into the other's."""
    workers = ({line["worker"] for line in events(fleet.ledger.redis, one, "claimed")} for one in ids)
    return sum(len(names) > 1 for names in workers)


def test_an_upgrade_forward_and_back_parks_and_loses_nothing(fleet: LocalFleet, previous: Path) -> None:
    old = start_worker(fleet, OLD, release=previous)
    fleet.wait_ready()

    # New producers, old workers: what these cannot read waits.
    ids = submit_new(fleet, 60, "early")
    wait_for_the_readable(fleet, ids)
    assert outcome(fleet) == {"triaged": 20, "waiting": 40, "parked": 0}, describe(fleet)

    # Forward: both side by side under load, producers too.
    new = start_worker(fleet, NEW)
    fleet.wait_ready()
    ids += [*submit_old(fleet, previous, 190, "old"), *submit_new(fleet, 190, "new")]
    wait_until_quiet(fleet)
    shares = claimed_by(fleet, ids, [old, new])
    assert min(shares["old-1"], shares["new-1"]) >= 80, shares
    assert crossings(fleet, ids) >= 5

    # And back, with escalated tickets of the new worker on their way.
    ids += submit_new(fleet, 60, "late")
    wait_for("the new worker has its hands full", lambda: claimed_by(fleet, ids, [old, new])["new-1"] > shares["new-1"])
    new.stop()
    wait_for_the_readable(fleet, ids)
    assert outcome(fleet)["parked"] == 0, describe(fleet)

    start_worker(fleet, AGAIN)
    wait_until_quiet(fleet)
    check_books(fleet, ids)
    assert len(ids) == 500
    assert old.restarts == 0


def outcome(fleet: LocalFleet) -> dict[str, int]:
    """Say how many tickets have ended how."""
    totals = read_totals(fleet.ledger.redis)
    return {name: getattr(totals, name) for name in ("triaged", "waiting", "parked")}


def wait_for_the_readable(fleet: LocalFleet, ids: Sequence[str]) -> None:
    """Wait until the old workers have ended everything that they can read."""

    def is_done() -> bool:
        pipe = fleet.ledger.redis.pipeline(transaction=False)
        for one in ids:
            pipe.hmget(f"tf:t:{one}", "v", "state")
        return all(schema == b"2" or state == b"triaged" for schema, state in pipe.execute())

    wait_for("the old workers have done all that they can read", is_done, explain=lambda: describe(fleet))
