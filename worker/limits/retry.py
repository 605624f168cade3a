"""What becomes of a ticket whose call failed: decided here from facts, carried out by the ledger."""

from collections.abc import Callable
from dataclasses import dataclass

from worker.domain import CallResult, Failure, Park, Retry
from worker.limits.permits import OPEN, Blame, Settled

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 300.0
LONGEST_RETRY_AFTER_S = 900.0
HELD_WAIT_S = 5.0
"""A ticket of a held model asks again then, or up to twice as late; the limiter tells it when the next probe is."""

DOUBTFUL = "refused again and again while no other ticket got through; it comes back by itself when one does"
_MAX_ERROR = 300

BUG_ATTEMPTS = 3
"""Our own exceptions are tried three times in all; a fourth try has never mended a bug."""

_DOUBLINGS = 10
"""More would only leave the range of a float; the longest wait is reached before."""

_NOT_THE_TICKETS_FAULT = {CallResult.RATE_LIMITED, CallResult.RAMP_LIMITED}
_NEVER_THE_TICKETS_FAULT = {CallResult.OVERLOADED, CallResult.CONNECTION}
REFUSED_WAIT_S = 30.0
"""Longest wait of a ticket that was refused while nobody knows yet whose fault that is."""

_NEEDS_A_PERSON = {
    CallResult.SPEND_LIMITED,
    CallResult.UNAUTHORIZED,
    CallResult.NOT_FOUND,
    CallResult.DISABLED,
    CallResult.FORMAT_REFUSED,
    CallResult.MISDIRECTED,
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of trying again. `random` answers a number from 0 to 1 (full jitter: a fleet must not march in step)."""

    max_attempts: int
    random: Callable[[], float]

    def after_failure(self, failure: Failure, *, attempts: int, settled: Settled = OPEN) -> Retry | Park:
        """Decide for a call that failed at the provider; `attempts` counts this one.

        `settled` says how the model stands: closed to the whole fleet, the failure says nothing about this ticket; and
        whose fault a refusal is.
        """
        reason = failure.result.value
        if failure.result in _NEEDS_A_PERSON or failure.result is CallResult.BAD_REQUEST:
            return self._after_refusal(failure, settled)
        if failure.result in _NOT_THE_TICKETS_FAULT:
            asked = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
            # Everybody was told the same number: spread the return, or the whole fleet comes back in one instant.
            return Retry(max(asked, 1.0) * (1 + 0.25 * self.random()), reason, failure.message, refund=True)
        is_everybodys = settled.is_closed or failure.result in _NEVER_THE_TICKETS_FAULT
        if attempts >= self.max_attempts and not is_everybodys:
            return Park("exhausted", failure.message)
        asked = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
        wait = self.random() * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, _DOUBLINGS))
        return Retry(max(wait, asked), reason, failure.message, refund=is_everybodys)

    def _after_refusal(self, failure: Failure, settled: Settled) -> Retry | Park:
        reason, message = failure.result.value, failure.message
        if settled.blame is Blame.OWN:
            return Park("bad_request", message)
        if settled.blame is Blame.DOUBT:
            return Park("bad_request", f"{DOUBTFUL} ({message})"[:_MAX_ERROR])
        if settled.is_closed or failure.result is not CallResult.BAD_REQUEST:
            return self.while_held(reason, message)
        wait = min(REFUSED_WAIT_S, 2.0 ** max(1, settled.times))
        return Retry(wait * (1 + 0.25 * self.random()), reason, message, refund=True)

    def while_held(self, reason: str, message: str) -> Retry:
        """Wait for a probe of the whole fleet; the ticket pays no attempt for it."""
        return Retry(HELD_WAIT_S * (1 + self.random()), reason, message, refund=True)

    def after_bug(self, error: BaseException, *, attempts: int) -> Retry | Park:
        """Decide for an exception of our own."""
        message = f"{type(error).__name__}: {error}"[:300]
        if attempts >= min(BUG_ATTEMPTS, self.max_attempts):
            return Park("bug", message)
        return Retry(self.random() * FIRST_WAIT_S * 2 ** min(attempts, _DOUBLINGS), "bug", message)
