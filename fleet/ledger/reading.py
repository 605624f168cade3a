"""What can be read off the ledger without changing it: one ticket's story, the sums, the dead letters."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

import redis

from fleet.lanes import DELIVER, TRIAGE_QUEUES, Lane
from fleet.ledger.decoding import as_json, as_number, as_object, as_story, as_text
from fleet.ledger.together import pairs, read_together


@dataclass(frozen=True, slots=True)
class Totals:
    """The ledger's books. `waiting` counts what is accepted and not ended, at work included."""

    accepted: int
    triaged: int
    parked: int
    discarded: int
    waiting: int
    running: int
    escalated: int
    retries: int
    redispatched: int
    leases_expired: int
    stale_refused: int
    refused_full: int
    cost_nusd: int
    effects_waiting: int
    effects_parked: int
    too_new: int
    """Of those waiting, tickets that only a newer release can read."""

    @property
    def is_balanced(self) -> bool:
        """The invariant: every accepted ticket is triaged, parked, discarded by a person, or waiting."""
        return self.accepted == self.triaged + self.parked + self.discarded + self.waiting


def read_totals(client: redis.Redis) -> Totals:
    """Read the books in one atomic step."""
    sizes = (*(f"tf:open:{lane}" for lane in Lane), "tf:dlq", "tf:out", "tf:outdlq", "tf:newer")
    flat, *cards = read_together(client, ("HGETALL", "tf:n"), *(("ZCARD", name) for name in sizes))
    counters = pairs(flat)
    *open_by_lane, parked, out, outdlq, newer = cards

    def n(name: str) -> int:
        return int(counters.get(name.encode(), 0))

    return Totals(
        accepted=n("accepted"),
        triaged=n("triaged"),
        parked=parked,
        discarded=n("discarded"),
        waiting=sum(open_by_lane),
        running=sum(n(f"running:{lane}") for lane in Lane),
        escalated=n("escalated"),
        retries=n("retries"),
        redispatched=n("redispatched"),
        leases_expired=n("leases_expired"),
        stale_refused=n("stale"),
        refused_full=n("refused_full"),
        cost_nusd=n("cost_nusd"),
        effects_waiting=out,
        effects_parked=outdlq,
        too_new=newer,
    )


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane now: tickets waiting and at work, and the age of the oldest one not ended, in seconds."""

    waiting: int
    running: int
    oldest_s: float


def read_lanes(client: redis.Redis) -> dict[Lane, LaneView]:
    """Read backlog and age of every lane."""
    first_of = (("ZRANGE", f"tf:open:{lane}", 0, 0, "WITHSCORES") for lane in Lane)
    (seconds, micros), flat, *oldest = read_together(client, ("TIME",), ("HGETALL", "tf:n"), *first_of)
    now_s, counters = int(seconds) + int(micros) / 1e6, pairs(flat)
    return {
        lane: LaneView(
            waiting=int(counters.get(f"waiting:{lane}".encode(), 0)),
            running=int(counters.get(f"running:{lane}".encode(), 0)),
            oldest_s=max(0.0, now_s - float(first[1]) / 1000) if first else 0.0,
        )
        for lane, first in zip(Lane, oldest, strict=True)
    }


def read_waiting(client: redis.Redis) -> dict[str, int]:
    """Count what waits in each queue: tickets, and of the queue of deliveries what stands in the outbox."""
    pipe = client.pipeline(transaction=False)
    for queue in TRIAGE_QUEUES:
        pipe.zcard(f"tf:wait:{queue}")
    pipe.zcard("tf:out")
    return dict(zip((*TRIAGE_QUEUES, DELIVER), pipe.execute(), strict=True))


def read_counters(client: redis.Redis, prefix: str) -> dict[str, int]:
    """Read the counters whose name starts with `prefix:` (accepted by source, dead letters by reason)."""
    start = f"{prefix}:".encode()
    raw = cast("dict[bytes, bytes]", client.hgetall("tf:n"))
    return {name[len(start) :].decode(): int(value) for name, value in raw.items() if name.startswith(start)}


def read_ticket(client: redis.Redis, ticket_id: str) -> dict[str, Any] | None:
    """Read everything the ledger knows of one ticket; the story is in `history`, oldest first, times in ms.

    The id may also be a producer's key. None where neither is known.
    """
    raw = cast("dict[bytes, bytes]", client.hgetall(f"tf:t:{ticket_id}"))
    if not raw:
        named = cast("bytes | None", client.hget(f"tf:idem:{ticket_id}", "id"))
        if named is None:
            return None
        ticket_id = named.decode()
        raw = cast("dict[bytes, bytes]", client.hgetall(f"tf:t:{ticket_id}"))
        if not raw:  # the key is remembered longer than the ticket was kept
            return None
    record: dict[str, Any] = {name.decode(): _value(name.decode(), value) for name, value in raw.items()}
    history = cast("list[bytes]", client.lrange(f"tf:h:{ticket_id}", 0, -1))
    return {"id": ticket_id, **record, "history": as_story(history)}


_OBJECTS = {"payload", "verdict", "outcome", "context"}
_TEXTS = {"waits_for", "state", "queue", "lane", "source", "key", "worker", "reason", "decided_by", "raw"}
_COUNTS = {"attempts", "crashes", "replays", "cost_nusd"}
_TIMES = {"accepted_at", "first_claim_at", "finished_at", "parked_at", "next_at", "deadline"}


def _value(name: str, raw: bytes) -> Any:
    if name in _TEXTS:
        return as_text(raw)
    if name in _OBJECTS:
        return as_object(raw)
    if name == "error":
        return as_json(raw)
    number = as_number(raw)
    return as_text(raw) if number is None and name not in _COUNTS | _TIMES else number


def open_tickets(client: redis.Redis, *, limit: int = 1_000) -> list[str]:
    """Name the oldest tickets that have not ended, of every lane."""
    ids = (cast("list[bytes]", client.zrange(f"tf:open:{lane}", 0, limit - 1)) for lane in Lane)
    return [ticket_id.decode() for lane_ids in ids for ticket_id in lane_ids]


def waiting_reason(client: redis.Redis, ticket_id: str) -> str:
    """Say why a ticket was last given back to wait ("budget", "breaker", "overloaded", …); empty if it never was."""
    return (cast("bytes | None", client.hget(f"tf:t:{ticket_id}", "waits_for")) or b"").decode()


def read_waits(client: redis.Redis, *, limit: int = 200) -> dict[str, int]:
    """Count, among each lane's oldest open tickets, what those given back wait for: money, a limit, a held model."""
    pipe = client.pipeline(transaction=False)
    for ticket_id in open_tickets(client, limit=limit):
        pipe.hmget(f"tf:t:{ticket_id}", "state", "waits_for")
    found = (waits_for for state, waits_for in pipe.execute() if state == b"retry" and waits_for)
    return {name.decode(): number for name, number in sorted(Counter(found).items())}


def read_dead(client: redis.Redis, *, reason: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Read parked tickets, oldest first: id, reason, error, attempts, cost; without the customer's text."""
    found: list[dict[str, Any]] = []
    for raw_id in cast("list[bytes]", client.zrange("tf:dlq", 0, -1 if reason else limit - 1)):
        ticket_id = raw_id.decode()
        fields = (
            "reason",
            "error",
            "attempts",
            "crashes",
            "cost_nusd",
            "parked_at",
            "accepted_at",
            "source",
            "lane",
        )
        values = cast("list[bytes | None]", client.hmget(f"tf:t:{ticket_id}", list(fields)))
        row = {name: None if value is None else _value(name, value) for name, value in zip(fields, values, strict=True)}
        if reason is None or row["reason"] == reason:
            found.append({"id": ticket_id, **row})
        if len(found) >= limit:
            break
    return found


def read_parked_effects(client: redis.Redis, *, limit: int = 100) -> list[dict[str, Any]]:
    """Read deliveries that were given up: effect id, sink, ticket, attempts, last error."""
    rows = []
    for effect_id in cast("list[bytes]", client.zrange("tf:outdlq", 0, limit - 1)):
        raw = cast("dict[bytes, bytes]", client.hgetall(f"tf:e:{effect_id.decode()}"))
        row = {name.decode(): value.decode() for name, value in raw.items()}
        row.pop("body", None)
        rows.append({"id": effect_id.decode(), **row})
    return rows
