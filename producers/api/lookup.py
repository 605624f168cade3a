"""Where one ticket stands, for its tenant's eyes."""

import json
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError

from fleet.errors import LedgerUnavailableError
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
_WAITING = {"accepted", "retry"}
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
    if found["state"] is None or json.loads(found["payload"]).get("tenant", "default") != tenant:
        return None
    return _shown(ticket_id, found)


def _shown(ticket_id: str, found: dict[str, Any]) -> dict[str, Any]:
    state = found["state"].decode()
    verdict = json.loads(found["verdict"]) if found["verdict"] else None
    ended = found["finished_at"] or found["parked_at"]
    return {
        "id": ticket_id,
        "status": "waiting" if state in _WAITING else state,
        "lane": found["lane"].decode(),
        "accepted_at": _iso(found["accepted_at"]),
        "ended_at": _iso(ended) if ended else None,
        "parked_for": found["reason"].decode() if state == "parked" and found["reason"] else None,
        "attempts": int(found["attempts"] or 0),
        "cost_usd": int(found["cost_nusd"] or 0) / NANO_PER_DOLLAR,
        "verdict": {name: verdict.get(name) for name in _SHOWN} if verdict else None,
    }


def _iso(raw: bytes) -> str:
    return datetime.fromtimestamp(int(raw) / 1000, UTC).isoformat(timespec="milliseconds")
