"""Every change of the ledger, as a value: script name, arguments and how to read the answer.

A transition says what to do; `Ledger` and `AsyncLedger` do it. So each one is written, typed and tested once.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fleet.lanes import QUARANTINE, Lane, Tier, lane_of, queue_of
from fleet.ledger.payload import TICKET_SCHEMA, schema_of, write_payload
from fleet.ledger.records import (
    Acceptance,
    Accepted,
    Claim,
    Effect,
    LeasedEffect,
    NoClaim,
    Reaped,
    Replayed,
)
from fleet.ticket import Ticket

IDEMPOTENCY_MS = 7 * 24 * 3_600_000
"""How long a producer's key is remembered."""

TOO_NEW_MS = 10 * 60_000
"""After how long a ticket that its workers were too old for is hinted at again, where no newer one has come."""

MOST_TOGETHER = 100
"""Tickets that one script call may take in: some 2 ms of the server's time, in which nobody else is answered."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transition(Generic[T]):
    """One script call. `read` turns the server's raw answer (integers and bytes) into a record.

    `text` is the script itself where it is none of the ledger's own (the limiter's run by the same runners).
    """

    script: str
    args: tuple[str | int, ...]
    read: Callable[[Any], T]
    text: str = ""


def accept(
    ticket: Ticket,
    *,
    key: str,
    lane: Lane = Lane.NORMAL,
    max_age_ms: int = 24 * 3_600_000,
    max_backlog: int = 100_000,
) -> Transition[Acceptance]:
    """Take a ticket in, once per producer key: same key and content gives the old id, other content a conflict."""
    args = _accept_args([(ticket, key)], lane, max_age_ms, max_backlog)
    return Transition("accept", args, lambda raw: _acceptances(raw)[0])


def accept_many(
    tickets: Sequence[tuple[Ticket, str]],
    *,
    lane: Lane = Lane.NORMAL,
    max_age_ms: int = 24 * 3_600_000,
    max_backlog: int = 100_000,
) -> Transition[list[Acceptance]]:
    """Take (ticket, producer key) pairs in by one script call, which costs less than half; answers one for each.

    The server does nothing else meanwhile: more than MOST_TOGETHER are a ValueError.
    """
    if len(tickets) > MOST_TOGETHER:
        raise ValueError(f"{len(tickets)} tickets in one call; at most {MOST_TOGETHER} may be")
    return Transition("accept", _accept_args(tickets, lane, max_age_ms, max_backlog), _acceptances)


def _accept_args(
    tickets: Sequence[tuple[Ticket, str]], lane: Lane, max_age_ms: int, max_backlog: int
) -> tuple[str | int, ...]:
    args: list[str | int] = [lane, queue_of(Tier.SMALL, lane), max_age_ms, max_backlog, IDEMPOTENCY_MS]
    for ticket, key in tickets:
        args += (ticket.id, key, ticket.fingerprint(), write_payload(ticket), ticket.source, schema_of(ticket))
    return tuple(args)


def keep(ticket: Ticket, raw: bytes, *, key: str, reason: str, error: str) -> Transition[Acceptance]:
    """Take in a message that is no ticket, byte for byte, and park it at once; a replay triages `ticket`, its text.

    It goes in however full the ledger is: its source holds it no longer, and it waits for no worker.
    """
    args = (
        ticket.id,
        key,
        hashlib.sha256(raw).hexdigest(),
        write_payload(ticket),
        Lane.NORMAL,
        ticket.source,
        reason,
        json.dumps(error),
        base64.b64encode(raw).decode(),
        IDEMPOTENCY_MS,
        schema_of(ticket),
    )
    return Transition("keep", args, _acceptance)


def amend(ticket: Ticket) -> Transition[str]:
    """Replace the content of the waiting ticket of this id: "amended", "late" (triage has begun) or "gone"."""
    args = (ticket.id, write_payload(ticket), ticket.fingerprint(), schema_of(ticket))
    return Transition("amend", args, lambda raw: raw[0].decode())


def withdraw(ticket_id: str, *, why: str, retention_ms: int = 30 * 24 * 3_600_000) -> Transition[str]:
    """End a waiting ticket that its author took back: "withdrawn", "late" (triage has begun) or "gone"."""
    return Transition("withdraw", (ticket_id, json.dumps(why), retention_ms), lambda raw: raw[0].decode())


def claim(ticket_id: str, *, queue: str, hinted_ms: int, worker: str, lease_ms: int) -> Transition[Claim | NoClaim]:
    """Ask for the right to work on a ticket that a hint of this queue named."""

    def read(raw: Any) -> Claim | NoClaim:
        if raw[0] != b"claimed":
            return NoClaim(raw[0].decode())
        return Claim(
            ticket_id,
            fence=raw[1],
            attempts=raw[2],
            crashes=raw[3],
            lane=lane_of(raw[4]),
            deadline_ms=raw[5],
            now_ms=raw[6],
            accepted_ms=raw[7],
            waited_ms=raw[8],
            payload=raw[9].decode(),
            context=raw[10].decode(),
            cost_nusd=raw[11],
        )

    return Transition("claim", (ticket_id, queue, hinted_ms, worker, lease_ms, TICKET_SCHEMA, TOO_NEW_MS), read)


def extend(claims: Sequence[tuple[str, int]], *, lease_ms: int) -> Transition[list[bool]]:
    """Lengthen the leases of (id, fence) pairs; False in its place means: lost, stop spending."""
    flat: list[str | int] = [part for pair in claims for part in pair]
    return Transition("extend", (lease_ms, *flat), lambda raw: [bool(held) for held in raw])


def finish(
    ticket_id: str,
    fence: int,
    *,
    verdict: str,
    outcome: str,
    decided_by: str,
    calls: str = "",
    cost_nusd: int = 0,
    effects: Iterable[Effect] = (),
    retention_ms: int = 30 * 24 * 3_600_000,
    slack_ms: int = 5_000,
) -> Transition[bool]:
    """Write the verdict and its outbox rows in one step; False: another holds the ticket, nothing was written."""
    rows = [part for e in effects for part in (e.effect_id, e.sink, e.dedup_key, e.body)]
    args: tuple[str | int, ...] = (
        ticket_id,
        fence,
        verdict,
        outcome,
        calls,
        cost_nusd,
        retention_ms,
        decided_by,
        slack_ms,
        *rows,
    )
    return Transition("finish", args, _is_ok)


def escalate(
    ticket_id: str,
    fence: int,
    *,
    queue: str,
    reason: str,
    calls: str = "",
    cost_nusd: int = 0,
    context: str = "",
) -> Transition[int | None]:
    """Hand the ticket on to another queue; answers the time to stamp the hint with, or None if the claim was lost."""
    return Transition("escalate", (ticket_id, fence, queue, reason, calls, cost_nusd, context), _stamp)


def retry(
    ticket_id: str,
    fence: int,
    *,
    delay_ms: int,
    reason: str,
    error: str = "",
    refund: bool = False,
    calls: str = "",
    cost_nusd: int = 0,
) -> Transition[int | None]:
    """Give the ticket back, to be looked at again after the delay; `refund` means the attempt does not count."""
    args = (ticket_id, fence, delay_ms, int(refund), reason, json.dumps(error), calls, cost_nusd, TICKET_SCHEMA + 1)
    return Transition("retry", args, _stamp)


def park(
    ticket_id: str, fence: int, *, reason: str, error: str, calls: str = "", cost_nusd: int = 0
) -> Transition[bool]:
    """Put the ticket where a person sees it and can replay it."""
    return Transition("park", (ticket_id, fence, reason, json.dumps(error), calls, cost_nusd), _is_ok)


def replay(ticket_id: str, *, max_age_ms: int = 24 * 3_600_000) -> Transition[Replayed]:
    """Take a parked ticket back to the start; safe to run twice."""

    def read(raw: Any) -> Replayed:
        if raw[0] != b"ok":
            return Replayed(raw[0].decode())
        return Replayed("accepted", raw[1], raw[2].decode())

    return Transition("replay", (ticket_id, queue_of(Tier.SMALL), max_age_ms), read)


def discard(ticket_id: str, *, why: str, retention_ms: int = 30 * 24 * 3_600_000) -> Transition[bool]:
    """End a parked ticket by a person's decision; it stays readable for the retention time."""
    return Transition("discard", (ticket_id, json.dumps(why), retention_ms), _is_ok)


def reap(
    *, limit: int = 200, slack_ms: int = 5_000, max_crashes: int = 3, empty_queues: Iterable[str] = ()
) -> Transition[Reaped]:
    """Find tickets whose worker or hint is gone; the caller sends the hints that the answer names."""

    def read(raw: Any) -> Reaped:
        names = [part.decode() for part in raw[4:]]
        pairs = tuple(zip(names[::2], names[1::2], strict=True))
        return Reaped(raw[0], raw[1], raw[2], raw[3], pairs)

    return Transition("reap", (limit, slack_ms, max_crashes, QUARANTINE, TICKET_SCHEMA, *empty_queues), read)


def due_effects(*, limit: int = 200, slack_ms: int = 5_000) -> Transition[list[str]]:
    """Find outbox rows that nobody is sending; each is found again after the slack."""
    return Transition("due_effects", (limit, slack_ms), lambda raw: [name.decode() for name in raw])


def lease_effect(effect_id: str, *, lease_ms: int = 30_000) -> Transition[LeasedEffect | None]:
    """Take an outbox row for sending; None where it is sent, taken or not due."""

    def read(raw: Any) -> LeasedEffect | None:
        if not raw:
            return None
        ticket, lane, sink, dedup, body = (part.decode() for part in raw[3:])
        effect = Effect(effect_id, sink, dedup or effect_id, body)
        return LeasedEffect(effect, ticket, lane_of(lane), attempts=raw[0], age_s=(raw[2] - raw[1]) / 1000)

    return Transition("lease_effect", (effect_id, lease_ms), read)


def settle_effect(effect_id: str, how: str, *, delay_ms: int = 0, error: str = "") -> Transition[bool]:
    """Record how a sending ended: `sent`, `later` (after the delay) or `parked`."""
    return Transition("settle_effect", (effect_id, how, delay_ms, json.dumps(error)), bool)


def revive_effect(effect_id: str, how: str) -> Transition[bool]:
    """Carry out a person's decision on a parked delivery: `replay` or `discard`."""
    return Transition("revive_effect", (effect_id, how), bool)


def _acceptances(raw: Any) -> list[Acceptance]:
    pairs = zip(raw[1::2], raw[2::2], strict=True)
    return [Acceptance(Accepted(result.decode()), ticket_id.decode(), raw[0]) for result, ticket_id in pairs]


def _acceptance(raw: Any) -> Acceptance:
    return Acceptance(Accepted(raw[0].decode()), raw[1].decode(), raw[2])


def _is_ok(raw: Any) -> bool:
    return bool(raw[0] == b"ok")


def _stamp(raw: Any) -> int | None:
    return int(raw[1]) if raw[0] == b"ok" else None
