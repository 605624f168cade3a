"""Accepting tickets in batches: one round trip for many, with patience for a ledger that is full."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fleet.errors import TransientError
from fleet.lanes import Lane, Tier, queue_of
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import Transition, accept
from ops.cli.intake.inputs import Item, Refusal
from ops.cli.terminal.interrupt import uninterrupted

BATCH = 200
PAUSE_S = 1.0
MAX_LISTED = 1_000
"""Ids and refusals that the result names one by one; the rest is counted."""


class Acceptor(Protocol):
    """What is needed of the ledger."""

    def run_many(self, transitions: Sequence[Transition[Acceptance]]) -> list[Acceptance]:
        """Run transitions in one round trip."""
        ...


class FullError(TransientError):
    """The ledger has been full for longer than one is willing to wait."""


@dataclass(slots=True)
class Tally:
    """What became of the rows so far."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    ids: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Rows that are done with."""
        return self.accepted + self.duplicates + self.rejected

    def refuse(self, refusal: Refusal) -> None:
        """Count what was not taken in."""
        self.rejected += 1
        if len(self.refusals) < MAX_LISTED:
            self.refusals.append(refusal)


@dataclass(slots=True)
class Submission:
    """Takes batches in. `hint` gets (id, queue) pairs and their time; `say` and `report` speak to a person."""

    ledger: Acceptor
    hint: Callable[[list[tuple[str, str]], int], None]
    say: Callable[[str], None]
    report: Callable[[Refusal], None]
    sleep: Callable[[float], None]
    lane: Lane = Lane.NORMAL
    max_age_ms: int = 24 * 3_600_000
    max_backlog: int = 100_000
    wait_s: float = 60.0
    tally: Tally = field(default_factory=Tally)

    def send(self, batch: Sequence[Item]) -> None:
        """Accept a batch; raises FullError when the ledger stays full for `wait_s` without one ticket going in."""
        waited_s = 0.0
        left = list(batch)
        while left:
            before = len(left)
            with uninterrupted():
                left = self._try(left)
            if not left:
                return
            waited_s = 0.0 if len(left) < before else waited_s
            if waited_s >= self.wait_s:
                raise FullError(f"the ledger is full ({self.max_backlog:,} tickets wait, TRIAGE_MAX_BACKLOG)")
            if not waited_s:
                self.say(f"the ledger is full; waiting up to {self.wait_s:g} s for the workers …")
            pause_s = min(PAUSE_S, self.wait_s - waited_s)
            self.sleep(pause_s)
            waited_s += pause_s

    def refuse(self, refusal: Refusal) -> None:
        """Leave something out, and say so."""
        self.tally.refuse(refusal)
        self.report(refusal)

    def _try(self, items: Sequence[Item]) -> list[Item]:
        """Accept what fits; answers the items for which there was no room."""
        answers = self.ledger.run_many([self._accept(item) for item in items])
        new = [answer for answer in answers if answer.is_new]
        for item, answer in zip(items, answers, strict=True):
            self._count(item, answer)
        if new:
            queue = queue_of(Tier.SMALL, self.lane)
            # The earliest time of the batch: a later one would make its first tickets look overtaken.
            self.hint([(answer.ticket_id, queue) for answer in new], min(answer.at_ms for answer in new))
        return [item for item, answer in zip(items, answers, strict=True) if answer.result is Accepted.FULL]

    def _accept(self, item: Item) -> Transition[Acceptance]:
        return accept(
            item.ticket, key=item.key, lane=self.lane, max_age_ms=self.max_age_ms, max_backlog=self.max_backlog
        )

    def _count(self, item: Item, answer: Acceptance) -> None:
        match answer.result:
            case Accepted.ACCEPTED:
                self.tally.accepted += 1
                if len(self.tally.ids) < MAX_LISTED:
                    self.tally.ids.append(answer.ticket_id)
            case Accepted.DUPLICATE:
                self.tally.duplicates += 1
            case Accepted.CONFLICT:
                taken = f"its id is taken by a ticket with other content (triage show {answer.ticket_id})"
                self.refuse(Refusal(item.file, item.line, taken))
            case Accepted.FULL:
                pass  # it is tried again
