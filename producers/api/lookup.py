"""Where one ticket stands, for its tenant's eyes."""

from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from fleet.errors import LedgerUnavailableError
from fleet.lanes import lane_of
from fleet.ledger.decoding import as_number, as_object, as_text
from fleet.money import NANO_PER_DOLLAR

_FIELDS = (
    "state",
    "payload",
    "lane",
    "accepted_at",
    "finished_at",
    "parked_at",
    "reason",
    "attempts",
    "cost_nusd",
    "verdict",
)
_STATUS = {name: name for name in ("running", "triaged", "parked", "discarded")}
"""States by what they are to a tenant; all others wait, also those that only a later release knows."""
_SHOWN = ("category", "urgency", "needs_human", "confidence", "reason", "language", "decided_by")


async def look_up(redis: Any, ticket_id: str, tenant: str) -> dict[str, Any] | None:
    """Read a ticket as the API shows it; None where there is none, or it is another tenant's.

    Raises LedgerUnavailableError.
    """
    try:
        row = await redis.hmget(f"tf:t:{ticket_id}", list(_FIELDS))
    except (RedisError, OSError) as error:
        raise LedgerUnavailableError(f"it cannot be looked up: {type(error).__name__}", retry_after_s=1) from error
    found = dict(zip(_FIELDS, row, strict=True))
    payload = as_object(found["payload"])
    if found["state"] is None or payload is None or payload.get("tenant", "default") != tenant:
        return None
    return _shown(ticket_id, found)


def _shown(ticket_id: str, found: dict[str, Any]) -> dict[str, Any]:
    state = as_text(found["state"])
    verdict = as_object(found["verdict"])
    ended = as_number(found["finished_at"]) or as_number(found["parked_at"])
    return {
        "id": ticket_id,
        "status": _STATUS.get(state, "waiting"),
        "lane": lane_of(as_text(found["lane"])),
        "accepted_at": _iso(as_number(found["accepted_at"]) or 0),
        "ended_at": _iso(ended) if ended else None,
        "parked_for": as_text(found["reason"]) or None if state == "parked" else None,
        "attempts": as_number(found["attempts"]) or 0,
        "cost_usd": (as_number(found["cost_nusd"]) or 0) / NANO_PER_DOLLAR,
        "verdict": {name: verdict.get(name) for name in _SHOWN} if verdict else None,
    }


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
