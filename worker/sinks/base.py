"""What a sink is, and how it says that sending failed."""

from typing import Protocol

from fleet.ledger.records import Effect
from fleet.ticket import Ticket
from fleet.verdict import Verdict


class SinkError(Exception):
    """Sending failed; `is_permanent` says that the same bytes will never be taken."""

    def __init__(self, message: str, *, is_permanent: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.retry_after_s = retry_after_s


class Sink(Protocol):
    """One way out. `effect` is pure and runs before the verdict is recorded; `send` may run more than once."""

    name: str

    @property
    def state(self) -> str:
        """Whether it is on, and where to, as `triage check` tells it."""
        ...

    def effect(self, ticket: Ticket, verdict: Verdict) -> Effect | None:
        """Write down what has to be told about this verdict, or None for nothing. Its id and key must be stable."""
        ...

    async def send(self, effect: Effect) -> None:
        """Tell it; raises SinkError. The receiver folds repeats by the effect's dedup key."""
        ...
