"""Whether calls of one model go out: its circuit breaker and what is believed of its answers.

Twin of the second half of `scripts/settle.lua`, for the memory limiter.
"""

import math
from dataclasses import dataclass, field

from worker.limits.permits import Blame, Change, HoldReason, Permit, Refusal, Report, Settled, Settlement
from worker.limits.rules import (
    FIRST_OPEN_MS,
    HOLD_TICKETS,
    LEAST_CALLS,
    LONGEST_HOLD_MS,
    LONGEST_OPEN_MS,
    LONGEST_PAUSE_MS,
    PROBE_MS,
    WINDOW_MS,
)
from worker.limits.trust import Trust


@dataclass(slots=True)
class Breaker:
    """Closed `until` (0: open) for a reason; then the calls of this window and of the one before."""

    until: float = 0.0
    kind: Refusal = Refusal.BREAKER
    probe: float = 0.0
    asked: int = 0
    opened: int = 0
    half: int = 0
    good: int = 0
    bad: int = 0
    good_before: int = 0
    bad_before: int = 0

    def forget_the_future(self, now: int) -> None:
        """Let a probe go where only a clock that was put back keeps the model closed."""
        if self.until - now > (LONGEST_HOLD_MS if self.kind is Refusal.HELD else LONGEST_PAUSE_MS):
            self.until = now
        if self.probe - now > PROBE_MS:
            self.probe = 0.0

    def close(self, kind: Refusal, until: float, asked: int = 0) -> None:
        """Stop calls; never for less long than before."""
        self.kind, self.until, self.asked = kind, max(self.until, until), asked

    def limited(self, asked: int, now: int) -> None:
        """Pause for as long as asked."""
        is_closed = self.until > now
        # Calls that were out together all answer the same: only a longer wait than the one known is news.
        if not is_closed or asked > self.asked:
            self.close(self.kind if is_closed else Refusal.PAUSED, now + asked, asked)

    def probe_failed(self, now: int) -> None:
        """Stay closed, for twice as long as before."""
        self.close(Refusal.BREAKER, now + min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** min(self.opened, 4)))
        self.opened += 1

    def count(self, *, is_good: bool, now: int) -> bool:
        """Count a call; answers whether half of enough calls were bad."""
        half = now // WINDOW_MS
        if half != self.half:
            is_next = half == self.half + 1
            self.good_before, self.bad_before = (self.good, self.bad) if is_next else (0, 0)
            self.half, self.good, self.bad = half, 0, 0
        self.good, self.bad = self.good + is_good, self.bad + (not is_good)
        good, bad = self.good + self.good_before, self.bad + self.bad_before
        return not is_good and good + bad >= LEAST_CALLS and bad >= good


@dataclass(slots=True)
class Standing:
    """Breaker and trust of one model, told of every call's end."""

    breaker: Breaker = field(default_factory=Breaker)
    trust: Trust = field(default_factory=Trust)

    def tell(self, permit: Permit, settlement: Settlement, now: int) -> Settled:
        """Take in how a call ended; answers how the model stands then."""
        report, blame, times, change = settlement.report, Blame.NONE, 0, Change.NONE
        held_ms = self.trust.held_ms
        if permit.is_probe:
            self.breaker.probe = 0.0
        if report in (Report.HOLD, Report.REFUSED):
            blame, times, change = self._refused(permit, settlement, now)
        elif report is Report.UNUSABLE:
            is_hopeless = self.trust.got_through(ticket=settlement.ticket_id, is_usable=False)
            if self.trust.reason or is_hopeless:
                change = self._hold(permit, HoldReason.UNUSABLE, 0, now)
        elif report is Report.LIMITED:
            self.breaker.limited(int(settlement.retry_after_s * 1000), now)
        elif report is Report.BAD and permit.is_probe:
            self.breaker.probe_failed(now)
        elif report is Report.GOOD:
            change = self._went_well(permit, now)
        self._count(report, now)
        change_ms = math.ceil(self.breaker.until - now) if change is Change.HELD else self.trust.held_ms - held_ms
        return Settled(self.breaker.until > now, blame, times, change, self.trust.reason, change_ms / 1000)

    def _refused(self, permit: Permit, settlement: Settlement, now: int) -> tuple[Blame, int, Change]:
        trust, asked_ms = self.trust, int(settlement.retry_after_s * 1000)
        blame, times = Blame.NONE, 0
        if settlement.ticket_id:
            blame, times = trust.judge(settlement.ticket_id, is_held=settlement.report is Report.HOLD)
        reason = settlement.reason
        if settlement.report is Report.REFUSED:
            asked_ms = 0
            reason = trust.reason or (HoldReason.REFUSED if trust.refused >= HOLD_TICKETS else None)
        if blame is Blame.OWN or reason is None:
            return blame, times, Change.NONE
        return blame, times, self._hold(permit, reason, asked_ms, now)

    def _hold(self, permit: Permit, reason: HoldReason, asked_ms: int, now: int) -> Change:
        change, rest_ms = self.trust.hold(reason, asked_ms, now, is_probe=permit.is_probe)
        if self.breaker.until <= now or self.breaker.kind is not Refusal.HELD:
            self.breaker.close(Refusal.HELD, now + rest_ms)
        return change

    def _went_well(self, permit: Permit, now: int) -> Change:
        self.trust.got_through(is_usable=True)
        if permit.is_probe and self.breaker.until:
            self.breaker = Breaker()
        change = Change.NONE if self.breaker.until else self.trust.open(now)
        if self.trust.reason is None:
            self.trust.unusable_tickets.clear()
        return change

    def _count(self, report: Report, now: int) -> None:
        is_reply = report in (Report.GOOD, Report.UNUSABLE)
        is_counted = not self.breaker.until and (is_reply or report is Report.BAD)
        if is_counted and self.breaker.count(is_good=is_reply, now=now):
            self.breaker = Breaker(until=now + FIRST_OPEN_MS, opened=1)
