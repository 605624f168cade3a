from typing import Any

import pytest

from fleet.lanes import DELIVER, QUARANTINE, TRIAGE_QUEUES
from fleet.ledger.heartbeats import read_heartbeat, serving
from ops.cli.health.queues import unserved

SMALL = ("triage.small.urgent", "triage.small", "triage.small.bulk")
FRONTIER = ("triage.frontier.urgent", "triage.frontier", "triage.frontier.bulk")
ALL = (*TRIAGE_QUEUES, DELIVER)


def worker(*queues: str, draining: bool = False) -> dict[str, Any]:
    return {"worker": "w1", "queues": list(queues), "draining": draining, "running": 0}


def lines(*workers: dict[str, Any], **waiting: int) -> list[str]:
    named = {name.replace("_", "."): number for name, number in waiting.items()}
    queues = {q: {"waiting": named.get(q, 0), "workers": serving(list(workers), q)} for q in ALL}
    return unserved(queues, list(workers))


def test_a_fleet_that_serves_everything_has_nothing_to_say() -> None:
    assert lines(worker(*SMALL, QUARANTINE), worker(*FRONTIER, DELIVER)) == []


def test_tickets_that_wait_where_nobody_is_are_said_in_capitals() -> None:
    said = lines(worker(*SMALL, DELIVER), triage_frontier=10, triage_frontier_urgent=2, triage_small=7)
    assert said == ["NOBODY SERVES triage.frontier: 12 tickets wait there", "nobody serves triage.quarantine"]


def test_deliveries_that_nobody_sends_are_said() -> None:
    said = lines(worker(*SMALL, *FRONTIER, QUARANTINE), triage_deliver=1)
    assert said == ["NOBODY SERVES triage.deliver: 1 delivery waits there"]


def test_a_lane_alone_is_named_in_full() -> None:
    said = lines(worker("triage.small", "triage.small.urgent", *FRONTIER, QUARANTINE, DELIVER), triage_small_bulk=1)
    assert said == ["NOBODY SERVES triage.small.bulk: 1 ticket waits there"]


def test_a_worker_that_goes_down_serves_nobody_any_more() -> None:
    assert "nobody serves triage.small" in lines(worker(*SMALL, draining=True), worker(*FRONTIER))


@pytest.mark.parametrize("workers", [[], [worker()]], ids=["none alive", "a heartbeat of another release"])
def test_where_it_is_not_known_who_serves_what_nothing_is_claimed(workers: list[dict[str, Any]]) -> None:
    assert lines(*workers, triage_small=3) == []


def test_a_heartbeat_is_read_whatever_is_in_it() -> None:
    assert read_heartbeat("w1", b"not json") == worker() | {"running": None}
    odd = read_heartbeat("w1", b'{"queues": "triage.small", "running": "two", "draining": 1, "mood": "good"}')
    assert odd == worker() | {"running": None, "mood": "good"}
