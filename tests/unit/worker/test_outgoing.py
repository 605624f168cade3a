import asyncio
from collections.abc import Sequence

import pytest
from celery import Celery

from fleet.hints import HintSender
from worker.outgoing import EFFECTS_PER_HINT, GATHER_S, Outgoing


class Recorder(HintSender):
    """A sender without a broker: it remembers, or fails like one that is gone."""

    def __init__(self, *, is_broken: bool = False) -> None:
        super().__init__(Celery("recorder", set_as_current=False))
        self.is_broken = is_broken
        self.looks: list[tuple[tuple[str, ...], str, int]] = []
        self.deliveries: list[list[str]] = []

    def look(self, ids: Sequence[str], *, queue: str, at_ms: int) -> None:
        """Remember a hint."""
        self.looks.append((tuple(ids), queue, at_ms))
        if self.is_broken:
            raise ConnectionError("the broker is gone")

    def deliver(self, effect_ids: Sequence[str]) -> None:
        """Remember a delivery."""
        self.deliveries.append(list(effect_ids))
        if self.is_broken:
            raise ConnectionError("the broker is gone")


def test_an_escalated_tickets_hint_goes_out_at_once() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)
    outgoing.hint("t1", "triage.frontier", 5)
    outgoing.close()
    assert sender.looks == [(("t1",), "triage.frontier", 5)]


def test_the_reapers_hints_go_out_one_by_one() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)
    outgoing.hints([("t1", "triage.small"), ("t2", "triage.frontier"), ("t3", "triage.small")], 5)
    outgoing.hints([], 6)
    outgoing.close()
    assert sorted(sender.looks) == [
        (("t1",), "triage.small", 5),
        (("t2",), "triage.frontier", 5),
        (("t3",), "triage.small", 5),
    ]


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broker_that_is_gone_raises_nothing() -> None:
    sender = Recorder(is_broken=True)
    outgoing = Outgoing(sender)

    async def publish() -> None:
        outgoing.hint("t1", "triage.frontier", 5)
        outgoing.hints([("t2", "triage.small")], 5)
        outgoing.effects(["page:t1"])
        outgoing.close()

    asyncio.run(publish())
    assert len(sender.looks) == 2
    assert sender.deliveries == [["page:t1"]]


def test_deliveries_are_gathered_into_few_messages() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)

    async def finish_many() -> None:
        for n in range(EFFECTS_PER_HINT + 1):
            outgoing.effects([f"log:{n}"])
        assert sender.deliveries == []
        await asyncio.sleep(GATHER_S * 1.5)

    asyncio.run(finish_many())
    outgoing.close()
    assert [len(part) for part in sender.deliveries] == [EFFECTS_PER_HINT, 1]
    assert [name for part in sender.deliveries for name in part] == [f"log:{n}" for n in range(EFFECTS_PER_HINT + 1)]


def test_nothing_is_sent_for_no_deliveries() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)

    async def finish_without_effects() -> None:
        outgoing.effects([])

    asyncio.run(finish_without_effects())
    outgoing.close()
    assert sender.deliveries == []


def test_what_was_gathered_is_sent_at_the_end() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)

    async def finish() -> None:
        outgoing.effects(["log:1"])

    asyncio.run(finish())
    outgoing.close()
    assert sender.deliveries == [["log:1"]]
