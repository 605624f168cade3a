import asyncio

import pytest
from structlog.testing import capture_logs

from fleet.hints import Hint
from tests.support.senders import Recorder
from worker.outgoing import EFFECTS_PER_HINT, GATHER_S, Outgoing


def test_an_escalated_tickets_hint_goes_out_at_once() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)
    outgoing.hint("t1", "triage.frontier", 5)
    outgoing.close()
    assert sender.looks == [Hint(("t1",), "triage.frontier", 5)]


def test_the_reapers_hints_go_out_one_by_one() -> None:
    sender = Recorder()
    outgoing = Outgoing(sender)
    outgoing.hints([("t1", "triage.small"), ("t2", "triage.frontier"), ("t3", "triage.small")], 5)
    outgoing.hints([], 6)
    outgoing.close()
    assert sorted(sender.looks, key=lambda hint: hint.ids) == [
        Hint(("t1",), "triage.small", 5),
        Hint(("t2",), "triage.frontier", 5),
        Hint(("t3",), "triage.small", 5),
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

    with capture_logs() as logs:
        asyncio.run(publish())
    assert len(sender.looks) == 2
    assert sender.deliveries == [["page:t1"]]
    assert [(line["event"], line["error"]) for line in logs] == [
        ("hint_not_sent", "ConnectionError: the broker is gone")
    ] * 3


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
