"""A ledger on a bench: a stopped clock, and transitions with arguments that only tests would leave out."""

from collections.abc import Iterable
from typing import Any

import redis

from fleet.lanes import TRIAGE_QUEUES, Lane, Tier, queue_of
from fleet.ledger import Ledger, reading
from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.records import Claim, Effect, NoClaim, Reaped
from fleet.ticket import Source, Ticket
from tests.support.clock import Clock

SMALL = queue_of(Tier.SMALL)
FRONTIER = queue_of(Tier.FRONTIER)
LEASE_MS = 15_000
SLACK_MS = 5_000
VERDICT = '{"category":"billing"}'
OUTCOME = '{"cost":1}'


def a_ticket(ticket_id: str = "t1", body: str = "my card was charged twice", **values: Any) -> Ticket:
    """Make a small valid ticket."""
    return Ticket(**({"id": ticket_id, "source": Source.HTTP, "body": body} | values))


def an_effect(ticket_id: str, name: str = "page") -> Effect:
    """Make an outbox row of a ticket."""
    return Effect(f"{name}:{ticket_id}", name, f"dedup-{ticket_id}", '{"text":"look"}')


class Bench:
    """The ledger under test. Answers records, and leaves the asserting to the test."""

    def __init__(self, ledger: Ledger, client: redis.Redis, clock: Clock) -> None:
        self.ledger = ledger
        self.client = client
        self.clock = clock

    def forget_scripts(self) -> None:
        """Load the scripts anew, where the test has edited them."""
        self.ledger._hashes.clear()

    def accept(self, ticket_id: str = "t1", *, key: str | None = None, **options: Any) -> str:
        """Take a ticket in and answer its id."""
        answer = self.ledger.run(do.accept(a_ticket(ticket_id), key=key or f"key-{ticket_id}", **options))
        assert answer.is_new, answer
        return answer.ticket_id

    def try_claim(
        self, ticket_id: str = "t1", *, queue: str = SMALL, hinted_ms: int | None = None, lease_ms: int = LEASE_MS
    ) -> Claim | NoClaim:
        """Ask for a ticket, by a hint of this moment unless told."""
        at = self.clock.now if hinted_ms is None else hinted_ms
        return self.ledger.run(do.claim(ticket_id, queue=queue, hinted_ms=at, worker="w1", lease_ms=lease_ms))

    def claim(self, ticket_id: str = "t1", *, queue: str = SMALL, **options: Any) -> Claim:
        """Take a ticket to work on."""
        found = self.try_claim(ticket_id, queue=queue, **options)
        assert isinstance(found, Claim), found
        return found

    def finish(self, held: Claim, *, effects: Iterable[Effect] = (), **options: Any) -> bool:
        """Write a verdict."""
        values = {"verdict": VERDICT, "outcome": OUTCOME, "decided_by": "small"} | options
        return self.ledger.run(do.finish(held.ticket_id, held.fence, effects=effects, **values))

    def park(self, held: Claim, *, reason: str = "bad_output", error: str = "why") -> bool:
        """Park a ticket."""
        return self.ledger.run(do.park(held.ticket_id, held.fence, reason=reason, error=error))

    def retry(self, held: Claim, delay_ms: int = 0, **options: Any) -> int | None:
        """Give a ticket back."""
        values = {"reason": "overloaded"} | options
        return self.ledger.run(do.retry(held.ticket_id, held.fence, delay_ms=delay_ms, **values))

    def reap(self, **options: Any) -> Reaped:
        """Run one pass of the reaper."""
        return self.ledger.run(do.reap(slack_ms=SLACK_MS, **options))

    def crash(self, ticket_id: str = "t1", *, queue: str = SMALL) -> Reaped:
        """Let a worker take the ticket and die; the reaper comes by after the lease."""
        self.claim(ticket_id, queue=queue)
        self.clock.advance(LEASE_MS)
        return self.reap()

    def ticket(self, ticket_id: str = "t1") -> dict[str, Any]:
        """Read everything about a ticket that exists."""
        found = reading.read_ticket(self.client, ticket_id)
        assert found is not None
        return found

    def totals(self) -> reading.Totals:
        """Read the books."""
        return reading.read_totals(self.client)

    def problems(self) -> list[str]:
        """Compare every ticket with the books."""
        return audit(self.client)

    def events(self, ticket_id: str = "t1") -> list[str]:
        """Name what happened to a ticket, oldest first."""
        return [line["event"] for line in self.ticket(ticket_id)["history"]]

    def waiting(self, queue: str = SMALL) -> list[str]:
        """Name the tickets that wait in a queue, oldest first."""
        assert queue in TRIAGE_QUEUES
        names: Any = self.client.zrange(f"tf:wait:{queue}", 0, -1)
        return [name.decode() for name in names]


def lane_counts(client: redis.Redis, lane: Lane = Lane.NORMAL) -> tuple[int, int]:
    """Read (waiting, running) of a lane."""
    view = reading.read_lanes(client)[lane]
    return view.waiting, view.running
