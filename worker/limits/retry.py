"""What becomes of a ticket whose call failed: decided here from facts, carried out by the ledger."""

from collections.abc import Callable
from dataclasses import dataclass

from worker.domain import CallResult, Failure, Park, Retry

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 300.0
LONGEST_RETRY_AFTER_S = 900.0
HOLD_S = 60.0
"""How often a fault that only a person can mend (key, credit, model name) is looked at again."""

BUG_ATTEMPTS = 3
"""Our own exceptions are tried three times in all; a fourth try has never mended a bug."""

_DOUBLINGS = 10
"""More would only leave the range of a float; the longest wait is reached before."""

_NOT_THE_TICKETS_FAULT = {CallResult.RATE_LIMITED, CallResult.RAMP_LIMITED}
_NEVER_THE_TICKETS_FAULT = {CallResult.OVERLOADED, CallResult.CONNECTION}
_NEEDS_A_PERSON = {CallResult.SPEND_LIMITED, CallResult.UNAUTHORIZED, CallResult.NOT_FOUND}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of trying again. `random` answers a number from 0 to 1 (full jitter: a fleet must not march in step)."""

    max_attempts: int
    random: Callable[[], float]

    def after_failure(self, failure: Failure, *, attempts: int, is_closed: bool = False) -> Retry | Park:
        """Decide for a call that failed at the provider; `attempts` counts this one.

        `is_closed`: the model is closed to the whole fleet now, so the failure says nothing about this ticket.
        """
        reason = failure.result.value
        if failure.result is CallResult.BAD_REQUEST:
            return Park(reason, failure.message)
        if failure.result in _NEEDS_A_PERSON:
            return Retry(HOLD_S * (1 + self.random()), reason, failure.message, refund=True)
        if failure.result in _NOT_THE_TICKETS_FAULT:
            asked = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
            # Everybody was told the same number: spread the return, or the whole fleet comes back in one instant.
            return Retry(max(asked, 1.0) * (1 + 0.25 * self.random()), reason, failure.message, refund=True)
        is_everybodys = is_closed or failure.result in _NEVER_THE_TICKETS_FAULT
        if attempts >= self.max_attempts and not is_everybodys:
            return Park("exhausted", failure.message)
        asked = min(failure.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
        wait = self.random() * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, _DOUBLINGS))
        return Retry(max(wait, asked), reason, failure.message, refund=is_everybodys)

    def after_bug(self, error: BaseException, *, attempts: int) -> Retry | Park:
        """Decide for an exception of our own."""
        message = f"{type(error).__name__}: {error}"[:300]
        if attempts >= min(BUG_ATTEMPTS, self.max_attempts):
            return Park("bug", message)
        return Retry(self.random() * FIRST_WAIT_S * 2 ** min(attempts, _DOUBLINGS), "bug", message)
