"""What the ledger's transitions answer, as plain frozen records."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.lanes import Lane


class Accepted(StrEnum):
    """How an acceptance ended."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`ticket_id` is the old ticket's for a duplicate or conflict, and empty when the ledger is full."""

    result: Accepted
    ticket_id: str
    at_ms: int

    @property
    def is_new(self) -> bool:
        """Whether this very call put the ticket into the ledger."""
        return self.result is Accepted.ACCEPTED


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a ticket until the lease ends; every write carries the fence. Times in ms."""

    ticket_id: str
    fence: int
    attempts: int
    crashes: int
    lane: Lane
    deadline_ms: int
    now_ms: int
    accepted_ms: int
    waited_ms: int
    payload: str
    context: str
    cost_nusd: int = 0

    @property
    def is_expired(self) -> bool:
        """Whether the ticket is older than the fleet works on tickets."""
        return self.now_ms >= self.deadline_ms


class NoClaim(StrEnum):
    """Why a hint led to nothing. All of these are normal but `newer`."""

    GONE = "gone"
    DONE = "done"
    BUSY = "busy"
    EARLY = "early"
    MOVED = "moved"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the outbox: something to be told to the outside, at least once, under one stable key."""

    effect_id: str
    sink: str
    dedup_key: str
    body: str


@dataclass(frozen=True, slots=True)
class LeasedEffect:
    """An effect that this process may send now; `attempts` counts this one."""

    effect: Effect
    ticket_id: str
    lane: Lane
    attempts: int
    age_s: float


@dataclass(frozen=True, slots=True)
class Reaped:
    """What one pass of the reaper found; `dispatch` names the tickets to hint at, as (id, queue)."""

    at_ms: int
    expired: int
    parked: int
    lost: int
    dispatch: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """`queue` is where a hint is due, or None where nothing was parked under that id (`state` says what is)."""

    state: str
    at_ms: int = 0
    queue: str | None = None
