import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from fleet.lanes import Lane
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import Transition
from fleet.ticket import Source, Ticket
from ops.cli.intake.inputs import Item, Refusal
from ops.cli.intake.submission import FullError, Submission
from ops.cli.terminal.interrupt import uninterrupted


@dataclass
class RoomyLedger:
    """Has room for so many tickets, and for one more with each look after the first, if it drains."""

    room: int
    drains: bool = False
    taken: list[str] = field(default_factory=list)
    now_ms: int = 1_000

    def run_many(self, transitions: Sequence[Transition[Acceptance]]) -> list[Acceptance]:
        answers = [self._answer(str(transition.args[0])) for transition in transitions]
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

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


def submission(ledger: RoomyLedger, heard: Heard, *, wait_s: float = 5.0, lane: Lane = Lane.NORMAL) -> Submission:
    return Submission(
        ledger,
        lambda pairs, at_ms: heard.hints.append((pairs, at_ms)),
        heard.said.append,
        heard.refused.append,
        heard.sleep,
        lane=lane,
        wait_s=wait_s,
    )


def items(count: int) -> list[Item]:
    return [Item("f", n, Ticket(id=f"t{n}", source=Source.FILE, body="x"), f"k{n}") for n in range(count)]


def test_a_batch_is_taken_in_and_hinted_at_with_its_earliest_time() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(10), heard, lane=Lane.BULK)
    taking.send(items(3))
    assert taking.tally.accepted == 3
    assert heard.hints == [([(f"t{n}", "triage.small.bulk") for n in range(3)], 1_001)]


def test_a_full_ledger_is_waited_for_and_nothing_goes_in_twice() -> None:
    heard, ledger = Heard(), RoomyLedger(2, drains=True)
    taking = submission(ledger, heard)
    taking.send(items(6))
    assert ledger.taken == [f"t{n}" for n in range(6)]
    assert taking.tally.accepted == 6
    assert [len(pairs) for pairs, _ in heard.hints] == [2, 1, 1, 1, 1]
    assert "the ledger is full" in heard.said[0]


def test_the_patience_ends_when_nothing_goes_in_any_more() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(2), heard, wait_s=2.5)
    with pytest.raises(FullError, match="TRIAGE_MAX_BACKLOG"):
        taking.send(items(6))
    assert (taking.tally.accepted, heard.slept_s) == (2, 2.5)
    assert len(heard.said) == 1


def test_without_patience_a_full_ledger_ends_it_at_once() -> None:
    heard = Heard()
    with pytest.raises(FullError):
        submission(RoomyLedger(0), heard, wait_s=0).send(items(1))
    assert heard.slept_s == 0


def test_the_lists_of_a_tally_are_bounded() -> None:
    heard = Heard()
    taking = submission(RoomyLedger(5_000), heard)
    taking.send(items(1_500))
    for n in range(1_500):
        taking.refuse(Refusal("f", n, "bad"))
    assert (taking.tally.accepted, len(taking.tally.ids)) == (1_500, 1_000)
    assert (taking.tally.rejected, len(taking.tally.refusals), len(heard.refused)) == (1_500, 1_000, 1_500)


def test_ctrl_c_waits_until_what_went_in_is_counted() -> None:
    class Interrupting(RoomyLedger):
        def run_many(self, transitions: Sequence[Transition[Acceptance]]) -> list[Acceptance]:
            answers = super().run_many(transitions)
            signal.raise_signal(signal.SIGINT)
            return answers

    taking = submission(Interrupting(10), Heard())
    with pytest.raises(KeyboardInterrupt):
        taking.send(items(3))
    assert taking.tally.accepted == 3


def test_a_second_ctrl_c_is_not_held_back() -> None:
    steps: list[int] = []

    def press_twice() -> None:
        with uninterrupted():
            for step in range(2):
                signal.raise_signal(signal.SIGINT)
                steps.append(step)

    with pytest.raises(KeyboardInterrupt):
        press_twice()
    assert steps == [0]
