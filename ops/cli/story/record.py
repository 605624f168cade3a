"""Everything the ledger knows of one ticket, in the shape that `triage show --json` prints."""

import base64
from typing import Any, cast

import redis

from fleet.ledger.decoding import as_json, as_number, calls_of
from fleet.ledger.reading import read_ticket
from ops.cli.terminal.wording import NANO_PER_DOLLAR, iso

Story = dict[str, Any]

_TIMES = ("accepted_at", "first_claim_at", "finished_at", "parked_at", "next_at", "deadline")
_PLAIN = (
    "key",
    "lane",
    "queue",
    "source",
    "reason",
    "error",
    "decided_by",
    "worker",
    "verdict",
    "outcome",
    "context",
    "raw",
    "waits_for",
)
_COUNTS = ("attempts", "crashes", "replays")


def read_story(client: redis.Redis, name: str) -> Story | None:
    """Read a ticket by its id, its producer's key, or the `id` of its row in a file; None where nothing is known."""
    record = read_ticket(client, name) or read_ticket(client, f"file:{name}")
    if record is None:
        return None
    return tell(record, deliveries=_deliveries(client, record), now_ms=server_ms(client))


def tell(record: dict[str, Any], *, deliveries: list[dict[str, Any]], now_ms: int) -> Story:
    """Sum up a record of the ledger; times in ms stay under `history`, those at the top are for people's programs."""
    calls = [call for event in record["history"] for call in calls_of(event)]
    saved_nusd = sum(int(call.get("cache_saved_nusd") or 0) for call in calls)
    cost_nusd = int(record.get("cost_nusd") or 0)
    accepted_ms = record.get("accepted_at")
    ended_ms = record.get("finished_at") or record.get("parked_at")
    story: Story = {"id": record["id"], "state": record.get("state", "unknown")}
    story |= {name: record.get(name) for name in _PLAIN}
    story |= {name: iso(record[name]) if record.get(name) else None for name in _TIMES}
    story |= {name: int(record.get(name) or 0) for name in _COUNTS}
    return story | {
        "ticket": record.get("payload") or {},
        "escalated_for": [e.get("reason") for e in record["history"] if e.get("event") == "escalated"],
        "calls": calls,
        "cost_usd": cost_nusd / NANO_PER_DOLLAR,
        "cost_nusd": cost_nusd,
        "cache_saved_usd": saved_nusd / NANO_PER_DOLLAR,
        "cache_saved_nusd": saved_nusd,
        "seconds": ((ended_ms or now_ms) - accepted_ms) / 1000 if accepted_ms else None,
        "deliveries": deliveries,
        "history": record["history"],
        "now_ms": now_ms,
    }


def without_text(story: Story) -> Story:
    """Leave out what the customer wrote, but for the subject, and what unusable replies said; the sizes stay."""
    ticket = dict(story["ticket"])
    body = ticket.pop("body", "")
    beside = {
        f"{name}_characters": len(ticket.pop(name)) for name in ("forwarded", "quoted", "signature") if name in ticket
    }
    raw = story["raw"]
    kept = {"raw": f"{len(base64.b64decode(raw)):,} bytes" if raw else None}
    told = {"calls": [_wordless(call) for call in story["calls"]], "history": [_silent(e) for e in story["history"]]}
    return story | kept | told | {"ticket": ticket | {"body_characters": len(body)} | beside}


def _wordless(call: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if name != "said"}


def _silent(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"calls": [_wordless(call) for call in calls_of(event)]} if "calls" in event else event


def server_ms(client: redis.Redis) -> int:
    """The ledger's own time, which all times in it are of."""
    seconds, micros = client.time()
    return seconds * 1000 + micros // 1000


def read_effect(client: redis.Redis, effect_id: str) -> dict[str, Any] | None:
    """Read an outbox row that is not sent yet; None where it is sent, discarded or unknown."""
    raw = cast("dict[bytes, bytes]", client.hgetall(f"tf:e:{effect_id}"))
    if not raw:
        return None
    row: dict[str, Any] = {name.decode(): value.decode() for name, value in raw.items()}
    error, made_at = row.get("error"), as_number(row.get("made_at"))
    is_parked = client.zscore("tf:outdlq", effect_id) is not None
    return {
        "id": effect_id,
        "state": "parked" if is_parked else "waiting",
        "sink": row.get("sink", ""),
        "ticket": row.get("ticket", ""),
        "lane": row.get("lane", ""),
        "attempts": as_number(row.get("attempts")) or 0,
        "error": as_json(error),
        "made_at": iso(made_at) if made_at else None,
        "dedup_key": row.get("dedup", ""),
        "body": row.get("body", ""),
    }


def _deliveries(client: redis.Redis, record: dict[str, Any]) -> list[dict[str, Any]]:
    """What is still in the outbox; the rest is told by the history."""
    names = [str(event["effect"]) for event in record["history"] if event.get("effect")]
    rows = [row for name in dict.fromkeys(names) if (row := read_effect(client, name)) is not None]
    return [{key: value for key, value in row.items() if key not in ("body", "ticket")} for row in rows]
