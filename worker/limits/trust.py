"""Whether a model's refusals and unusable replies are the tickets' fault or the model's: the hold of a circuit breaker.

Twin of the part of `scripts/settle.lua` below its `judge`; the memory limiter keeps one of these a model.
"""

from dataclasses import dataclass, field

from worker.limits.permits import Blame, Change, HoldReason
from worker.limits.rules import (
    DOUBT_TIMES,
    FIRST_HOLD_MS,
    FIRST_PAID_HOLD_MS,
    HOLD_GROWTH,
    HOLD_MS,
    HOLD_TICKETS,
    LAST_REPLIES,
    LEAST_REPLIES,
    LONGEST_HOLD_MS,
    PAID_HOLD_MS,
    STRIKES,
    STRIKES_HELD,
    UNUSABLE_SHARE,
)

_MOST_GROWN = 10
"""Probes after which the gap has long come to its longest; more would only leave the range of a float."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A refused ticket: what had got through then, how often, and after how many of these others got through."""

    through: int
    times: int
    strikes: int


@dataclass(slots=True)
class Trust:
    """What is believed of one model's answers."""

    through: int = 0
    refused: int = 0
    """Different tickets refused since the last one that got through."""
    reason: HoldReason | None = None
    since: int = 0
    probes: int = 0
    held_ms: int = 0
    unusable: list[bool] = field(default_factory=list)
    suspects: dict[str, Suspect] = field(default_factory=dict)
    unusable_tickets: set[str] = field(default_factory=set)
    back: dict[str, int] = field(default_factory=dict)
    """Tickets parked in doubt, and what had got through then."""

    def judge(self, ticket: str, *, is_held: bool) -> tuple[Blame, int]:
        """Decide whose fault a refusal is; answers also how often. `is_held`: its words hold the model."""
        known = self.suspects.get(ticket)
        if known is None:
            self.refused += 1
            known = Suspect(self.through, 0, 0)
        strikes = known.strikes + (self.through > known.through)
        if strikes >= (STRIKES_HELD if is_held else STRIKES) or (strikes == 1 and len(self.suspects) == 1):
            del self.suspects[ticket]
            return Blame.OWN, known.times
        times = known.times + 1
        if times >= DOUBT_TIMES and self.reason is None and self.refused < HOLD_TICKETS:
            self.suspects.pop(ticket, None)
            self.back[ticket] = self.through
            return Blame.DOUBT, times
        self.suspects[ticket] = Suspect(self.through, times, strikes)
        return Blame.NOBODY, times

    def hold(self, reason: HoldReason, asked_ms: int, now: int, *, is_probe: bool) -> tuple[Change, int]:
        """Hold the model; answers whether that is new, and how long until the next probe."""
        change = Change.NONE if self.reason else Change.HELD
        if change is Change.HELD:
            self.since, self.probes = now, 0
        elif is_probe:
            self.probes += 1
        self.reason = reason
        if asked_ms > 0:
            return change, min(asked_ms, LONGEST_HOLD_MS)
        is_paid = reason is HoldReason.UNUSABLE
        first, longest = (FIRST_PAID_HOLD_MS, PAID_HOLD_MS) if is_paid else (FIRST_HOLD_MS, HOLD_MS)
        return change, min(longest, int(first * HOLD_GROWTH ** min(self.probes, _MOST_GROWN)))

    def got_through(self, *, ticket: str = "", is_usable: bool) -> bool:
        """Count a reply; answers whether nearly all of the last ones were unusable."""
        self.through, self.refused = self.through + 1, 0
        self.unusable = [*self.unusable, not is_usable][-LAST_REPLIES:]
        if ticket and not is_usable:
            self.suspects.pop(ticket, None)  # answered: its own reply says nothing of others
            self.unusable_tickets.add(ticket)
        known = len(self.unusable)
        return not is_usable and known >= LEAST_REPLIES and sum(self.unusable) >= UNUSABLE_SHARE * known

    def open(self, now: int) -> Change:
        """End a hold: what the first of its tickets were parked for is not theirs to pay for."""
        if self.reason is None:
            return Change.NONE
        self.held_ms += max(0, now - self.since)
        self.back |= dict.fromkeys(self.unusable_tickets, self.through - 1)
        self.reason, self.since, self.probes = None, 0, 0
        self.unusable.clear()
        return Change.OPENED
