"""Accepting tickets in batches: few round trips for many, with patience for a ledger that is full or away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fleet.errors import LedgerUnavailableError, TransientError
from fleet.lanes import Lane, Tier, queue_of
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import Transition, accept_many
from ops.cli.intake.inputs import Refusal
from producers.files.rows import Found

TOGETHER = 50
"""Tickets of one script call."""

PAUSE_S = 1.0
MAX_LISTED = 1_000
"""Ids and refusals that the result names one by one; the rest is counted."""

LEAST_HINTS, MOST_IDS = 20, 50
"""A batch makes so many hints at least, for workers to share; only then do hints grow, and so far."""


class Acceptor(Protocol):
    """What is needed of the ledger."""

    def run_many(self, transitions: Sequence[Transition[list[Acceptance]]]) -> list[list[Acceptance]]:
        """Run transitions in one round trip."""
        ...


class Forerunner(Protocol):
    """What is needed of `fleet.ledger.ahead.Ahead`."""

    def send(self, transitions: Sequence[Transition[list[Acceptance]]]) -> None:
        """Send a batch."""
        ...

    def answers(self) -> list[list[Acceptance]]:
        """Read the answers to the oldest batch."""
        ...


class HintFunction(Protocol):
    """What is needed of hints."""

    def __call__(self, dispatch: Sequence[tuple[str, str]], at_ms: int, *, size: int) -> None:
        """Hint at (id, queue) pairs, `size` ids to a hint."""
        ...


class StuckError(TransientError):
    """The ledger has taken nothing for longer than one is willing to wait."""


@dataclass(slots=True)
class Tally:
    """What became of the rows so far."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    ids: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Rows that are done with."""
        return self.accepted + self.duplicates + self.rejected

    def note(self, text: str) -> None:
        """Keep what was guessed or not understood, for the result."""
        if len(self.notes) < MAX_LISTED:
            self.notes.append(text)

    def refuse(self, refusal: Refusal) -> None:
        """Count what was not taken in."""
        self.rejected += 1
        if len(self.refusals) < MAX_LISTED:
            self.refusals.append(refusal)


@dataclass(slots=True)
class Batch:
    """What was found, and the wish to the ledger for it, which may be on its way already."""

    items: list[Found]
    refusals: list[Refusal]
    wishes: list[Transition[list[Acceptance]]]
    is_sent: bool = False


@dataclass(slots=True)
class Submission:
    """Takes batches in. `say` and `report` speak to a person; `pause` waits and tells whether to stop waiting.

    `pressure` says why the server has no memory to spare, or nothing; `hint_size` 0 means as fits the batch.
    """

    ledger: Acceptor
    hint: HintFunction
    say: Callable[[str], None]
    report: Callable[[Refusal], None]
    pause: Callable[[float], bool]
    pressure: Callable[[], str] = lambda: ""
    lane: Lane = Lane.NORMAL
    max_age_ms: int = 24 * 3_600_000
    max_backlog: int = 100_000
    wait_s: float = 60.0
    hint_size: int = 0
    ahead: Forerunner | None = None
    tally: Tally = field(default_factory=Tally)

    def prepare(self, found: Sequence[Found | Refusal]) -> Batch:
        """Make a batch ready to be sent; safe while another is being sent."""
        items = [one for one in found if isinstance(one, Found)]
        return Batch(items, [one for one in found if isinstance(one, Refusal)], self._wishes(items))

    def begin(self, batch: Batch) -> None:
        """Send a batch ahead, if there is a way and room; what was begun first has to be finished first."""
        if self.ahead is not None and batch.items and not self.pressure():
            self.ahead.send(batch.wishes)
            batch.is_sent = True

    def finish(self, batch: Batch) -> None:
        """Accept a batch; raises StuckError when not one ticket went in for `wait_s`.

        Told to stop while it waits, it leaves the rest out: it goes in when the same command runs again.
        """
        for refusal in batch.refusals:
            self.refuse(refusal)
        left, waited_s = batch.items, 0.0
        while left:
            before = len(left)
            left, trouble = self._try(left, batch)
            if not left:
                return
            waited_s = 0.0 if len(left) < before else waited_s
            if waited_s >= self.wait_s:
                raise StuckError(trouble)
            if not waited_s:
                self.say(f"{trouble}; waiting up to {self.wait_s:g} s …")
            pause_s = min(PAUSE_S, self.wait_s - waited_s)
            if self.pause(pause_s):
                return
            waited_s += pause_s

    def refuse(self, refusal: Refusal) -> None:
        """Leave something out, and say so."""
        self.tally.refuse(refusal)
        self.report(refusal)

    def _try(self, items: Sequence[Found], batch: Batch) -> tuple[list[Found], str]:
        """Accept what fits; answers the items for which there was no room, and why."""
        if not batch.is_sent and (trouble := self.pressure()):
            return list(items), trouble
        try:
            answers = self._answers(items, batch)
        except LedgerUnavailableError as error:
            # Perhaps they went in, perhaps not: accepting them again is safe, and tells.
            return list(items), str(error)
        new = [answer for answer in answers if answer.is_new]
        for item, answer in zip(items, answers, strict=True):
            self._count(item, answer)
        if new:
            queue = queue_of(Tier.SMALL, self.lane)
            # The earliest time of the batch: a later one would make its first tickets look overtaken.
            earliest = min(answer.at_ms for answer in new)
            size = self.hint_size or hint_size_for(len(new))
            self.hint([(answer.ticket_id, queue) for answer in new], earliest, size=size)
        left = [item for item, answer in zip(items, answers, strict=True) if answer.result is Accepted.FULL]
        return left, f"the ledger is full ({self.max_backlog:,} tickets wait, TRIAGE_MAX_BACKLOG)"

    def _answers(self, items: Sequence[Found], batch: Batch) -> list[Acceptance]:
        if batch.is_sent and self.ahead is not None:
            batch.is_sent = False
            found = self.ahead.answers()
        else:
            found = self.ledger.run_many(batch.wishes if len(items) == len(batch.items) else self._wishes(items))
        return [answer for answers in found for answer in answers]

    def _wishes(self, items: Sequence[Found]) -> list[Transition[list[Acceptance]]]:
        pairs = [(item.ticket, item.key) for item in items]
        return [
            accept_many(
                pairs[start : start + TOGETHER],
                lane=self.lane,
                max_age_ms=self.max_age_ms,
                max_backlog=self.max_backlog,
            )
            for start in range(0, len(pairs), TOGETHER)
        ]

    def _count(self, item: Found, answer: Acceptance) -> None:
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


def hint_size_for(tickets: int) -> int:
    """Choose how many ids stand in a hint: one each for few tickets, more in a bulk load."""
    return max(1, min(MOST_IDS, tickets // LEAST_HINTS))
