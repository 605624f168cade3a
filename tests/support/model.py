"""What the ledger should do, in plain Python: one place that says what every claim, write and reaper's pass gives."""

from dataclasses import dataclass, field

from fleet.lanes import QUARANTINE, Lane
from fleet.ledger.records import Claim, NoClaim
from tests.support.bench import LEASE_MS, SLACK_MS


@dataclass
class Modelled:
    """What the model knows of one ticket."""

    id: str
    body: str
    lane: Lane
    queue: str
    disp: int
    state: str = "accepted"
    fence: int = 0
    attempts: int = 0
    crashes: int = 0
    due: int = 0
    verdict: str = ""
    effects: tuple[str, ...] = ()


@dataclass
class Model:
    """The whole ledger, as it should be."""

    tickets: dict[str, Modelled] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    stale: int = 0
    refused: int = 0
    redispatched: int = 0
    expired: int = 0

    def named(self, *states: str) -> list[str]:
        """Name the tickets in these states."""
        return [t.id for t in self.tickets.values() if t.state in states]

    def is_current(self, held: Claim) -> bool:
        """Whether the claim's holder may write."""
        ticket = self.tickets[held.ticket_id]
        return ticket.state == "running" and ticket.fence == held.fence

    def current(self, held: Claim) -> Modelled | None:
        """Answer the ticket that a claim may write; None, and one more refusal, for a stale one."""
        if self.is_current(held):
            return self.tickets[held.ticket_id]
        self.stale += 1
        return None

    def claims(self, ticket_id: str, queue: str, hinted: int, now: int) -> NoClaim | Modelled:
        """Decide what a claim gets."""
        self.marks[queue] = max(self.marks.get(queue, 0), min(hinted, now))
        t = self.tickets.get(ticket_id)
        if t is None:
            return NoClaim.GONE
        if t.state == "running":
            return NoClaim.BUSY
        if t.state not in ("accepted", "retry"):
            return NoClaim.DONE
        if t.queue != queue:
            return NoClaim.MOVED
        if t.state == "retry" and t.due > now:
            return NoClaim.EARLY
        t.state, t.fence, t.attempts, t.due = "running", t.fence + 1, t.attempts + 1, now + LEASE_MS
        return t

    def offered(self, ticket: Modelled, queue: str, now: int) -> tuple[str, str]:
        """Put a ticket where a hint finds it."""
        ticket.state, ticket.queue, ticket.disp = "accepted", queue, now
        return ticket.id, queue

    def reaped(self, now: int, empty: list[str]) -> tuple[int, int, int, list[tuple[str, str]]]:
        """Decide what a pass of the reaper finds: expired, parked, lost, hints."""
        sent: list[tuple[str, str]] = []
        expired = parked = lost = 0
        for t in [t for t in self.tickets.values() if t.state in ("running", "retry") and t.due <= now]:
            if t.state == "retry":
                sent.append(self.offered(t, t.queue, now))
                continue
            expired += 1
            t.crashes += 1
            if t.queue == QUARANTINE and t.crashes >= 3:
                parked += 1
                t.state = "parked"
            else:
                sent.append(self.offered(t, QUARANTINE if t.crashes >= 2 else t.queue, now))
        bounds = {queue: min(mark, now) - SLACK_MS for queue, mark in self.marks.items()}
        bounds |= dict.fromkeys(empty, now - SLACK_MS)
        for t in self.tickets.values():
            if t.state == "accepted" and t.disp < bounds.get(t.queue, 0):
                lost += 1
                sent.append(self.offered(t, t.queue, now))
        self.expired += expired
        self.redispatched += lost
        return expired, parked, lost, sorted(sent)
