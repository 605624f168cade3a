import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import Transition
from fleet.ticket import Source, Ticket
from ops.cli.intake.guard import MemoryGuard
from ops.cli.intake.inputs import Refusal
from ops.cli.intake.later import LaterHints
from ops.cli.intake.pump import Pump
from ops.cli.intake.submission import StuckError, Submission, hint_size_for
from producers.files.rows import Found

FIXED, EACH = 5, 6
"""Of the arguments of an acceptance: those that all tickets share, and those of one."""


@dataclass
class RoomyLedger:
    """Has room for so many tickets, and for one more with each look after the first, if it drains."""

    room: int
    drains: bool = False
    away: int = 0
    taken: list[str] = field(default_factory=list)
    now_ms: int = 1_000

    def run_many(self, transitions: Sequence[Transition[list[Acceptance]]]) -> list[list[Acceptance]]:
        if self.away:
            self.away -= 1
            raise LedgerUnavailableError("the server is away")
        answers = [[self._answer(str(name)) for name in t.args[FIXED::EACH]] for t in transitions]
        self.room += self.drains
        return answers

    def _answer(self, ticket_id: str) -> Acceptance:
        self.now_ms += 1
        if self.room <= 0:
            return Acceptance(Accepted.FULL, "", self.now_ms)
        self.room -= 1
        self.taken.append(ticket_id)
        return Acceptance(Accepted.ACCEPTED, ticket_id, self.now_ms)


@dataclass
class Heard:
    hints: list[tuple[list[tuple[str, str]], int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    slept_s: float = 0.0
    stops: bool = False

    def hint(self, dispatch: Sequence[tuple[str, str]], at_ms: int, *, size: int) -> None:
        assert size
        self.hints.append((list(dispatch), at_ms))

    def pause(self, seconds: float) -> bool:
        self.slept_s += seconds
        return self.stops


def submission(ledger: RoomyLedger, heard: Heard, *, wait_s: float = 5.0, lane: Lane = Lane.NORMAL) -> Submission:
    return Submission(
        ledger, heard.hint, heard.said.append, heard.refused.append, heard.pause, lane=lane, wait_s=wait_s
    )


def items(count: int) -> list[Found]:
    return [Found("f", n, Ticket(id=f"t{n}", source=Source.FILE, body="x"), f"k{n}") for n in range(count)]


def send(taking: Submission, found: Sequence[Found | Refusal]) -> None:
    taking.finish(taking.prepare(found))


def pump_one(taking: Submission, stopping: threading.Event, error: BaseException | None = None) -> None:
    with Pump(taking, stopping) as pump:
        pump.add(items(1)[0])
        pump.flush()
        if error is not None:
            raise error
        pump.close()


def test_a_batch_is_taken_in_and_hinted_at_with_its_earliest_time() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(10), heard, lane=Lane.BULK)
    send(taking, items(3))
    assert taking.tally.accepted == 3
    assert heard.hints == [([(f"t{n}", "triage.small.bulk") for n in range(3)], 1_001)]


def test_a_full_ledger_is_waited_for_and_nothing_goes_in_twice() -> None:
    heard, ledger = Heard(), RoomyLedger(2, drains=True)
    taking = submission(ledger, heard)
    send(taking, items(6))
    assert ledger.taken == [f"t{n}" for n in range(6)]
    assert taking.tally.accepted == 6
    assert [len(pairs) for pairs, _ in heard.hints] == [2, 1, 1, 1, 1]
    assert "the ledger is full" in heard.said[0]


def test_the_patience_ends_when_nothing_goes_in_any_more() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(2), heard, wait_s=2.5)
    with pytest.raises(StuckError, match="TRIAGE_MAX_BACKLOG"):
        send(taking, items(6))
    assert (taking.tally.accepted, heard.slept_s) == (2, 2.5)
    assert len(heard.said) == 1


def test_without_patience_a_full_ledger_ends_it_at_once() -> None:
    heard = Heard()
    with pytest.raises(StuckError):
        send(submission(RoomyLedger(0), heard, wait_s=0), items(1))
    assert heard.slept_s == 0


def test_a_server_that_is_away_is_waited_for() -> None:
    heard, ledger = Heard(), RoomyLedger(9, away=2)
    taking = submission(ledger, heard)
    send(taking, items(3))
    assert (taking.tally.accepted, heard.slept_s) == (3, 2.0)
    assert "the server is away" in heard.said[0]


def test_a_server_that_stays_away_ends_it() -> None:
    with pytest.raises(StuckError, match="away"):
        send(submission(RoomyLedger(9, away=99), Heard(), wait_s=3.0), items(3))


def test_nothing_goes_in_while_the_servers_memory_is_full() -> None:
    heard, ledger, full = Heard(), RoomyLedger(9), ["full", "full", ""]
    taking = submission(ledger, heard)
    taking.pressure = lambda: full.pop(0)
    send(taking, items(3))
    assert (taking.tally.accepted, heard.slept_s) == (3, 2.0)
    assert heard.said == ["full; waiting up to 5 s …"]


def test_told_to_stop_it_waits_no_longer_and_the_rest_stays_out() -> None:
    heard = Heard(stops=True)
    taking = submission(RoomyLedger(2), heard)
    send(taking, items(6))
    assert (taking.tally.accepted, heard.slept_s) == (2, 1.0)


def test_the_lists_of_a_tally_are_bounded() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(5_000), heard)
    send(taking, [*items(1_500), *(Refusal("f", n, "bad") for n in range(1_500))])
    assert (taking.tally.accepted, len(taking.tally.ids)) == (1_500, 1_000)
    assert (taking.tally.rejected, len(taking.tally.refusals), len(heard.refused)) == (1_500, 1_000, 1_500)


@pytest.mark.parametrize(("tickets", "size"), [(1, 1), (39, 1), (40, 2), (1_000, 50), (100_000, 50)])
def test_few_tickets_have_hints_of_their_own_and_many_share_them(tickets: int, size: int) -> None:
    assert hint_size_for(tickets) == size


def test_a_pump_sends_in_order_and_what_is_left_at_the_end() -> None:
    ledger = RoomyLedger(9_999)
    taking = submission(ledger, Heard())
    with Pump(taking, threading.Event()) as pump:
        full = [pump.add(item) for item in items(2_500)]
        pump.close()
    assert ledger.taken == [f"t{n}" for n in range(2_500)]
    assert sum(full) == 2


def test_what_sending_raises_comes_out_of_the_pump() -> None:
    taking = submission(RoomyLedger(0), Heard(), wait_s=0)
    with pytest.raises(StuckError):
        pump_one(taking, threading.Event())


def test_a_pump_that_is_left_with_an_error_ends_the_waiting() -> None:
    stopping = threading.Event()
    taking = submission(RoomyLedger(0), Heard(), wait_s=3_600)
    taking.pause = stopping.wait
    with pytest.raises(KeyboardInterrupt):
        pump_one(taking, stopping, KeyboardInterrupt())
    assert taking.tally.accepted == 0


def test_a_lull_sends_what_is_there() -> None:
    taking = submission(RoomyLedger(9), Heard())
    with Pump(taking, threading.Event()) as pump:
        pump.flush_if_free()
        pump.add(items(1)[0])
        pump.flush_if_free()
        pump.settle()
        pump.flush_if_free()
        pump.settle()
        assert taking.tally.accepted == 1


def test_the_memory_guard_asks_now_and_then_and_says_why() -> None:
    now, asked = [0.0], []

    def ask() -> dict[str, int]:
        asked.append(now[0])
        return {"used_memory": 90 if len(asked) == 1 else 10, "maxmemory": 100}

    guard = MemoryGuard(ask, 0.7, lambda: now[0])
    assert "90% full (TRIAGE_MEMORY_FULL_SHARE)" in guard()
    assert guard()
    assert len(asked) == 1
    now[0] = 1.0
    assert guard() == ""


def test_hints_go_out_in_order_and_all_of_them() -> None:
    heard = Heard()
    later = LaterHints(heard.hint)
    for number in range(50):
        later([("t", "q")], number, size=1)
    later.close()
    assert [at_ms for _, at_ms in heard.hints] == list(range(50))
