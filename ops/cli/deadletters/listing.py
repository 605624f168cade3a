"""The list of what was given up: for a program one object, for a person a table."""

from typing import Any

import redis

from fleet.ledger.decoding import as_json, as_number
from fleet.ledger.reading import read_counters, read_dead, read_parked_effects, read_totals
from ops.cli.story.record import server_ms
from ops.cli.terminal.wording import NANO_PER_DOLLAR, ago, columns, count, dollars, iso, plain

MAX_ERROR = 80


def read_listing(client: redis.Redis, *, reason: str | None, limit: int) -> dict[str, Any]:
    """Read parked tickets, oldest first, and (without a reason) parked deliveries; at most `limit` of each."""
    totals = read_totals(client)
    return {
        "parked": totals.parked,
        "parked_by_reason": {name: n for name, n in sorted(read_counters(client, "dead").items()) if n},
        "deliveries_parked": totals.effects_parked,
        "tickets": [_ticket(row) for row in read_dead(client, reason=reason, limit=limit)],
        "deliveries": [] if reason else [_delivery(row) for row in read_parked_effects(client, limit=limit)],
        "now_ms": server_ms(client),
    }


def page(listing: dict[str, Any], *, reason: str | None) -> list[str]:
    """Write the list, then what else there is and what can be done."""
    tickets, deliveries = listing["tickets"], listing["deliveries"]
    if not tickets and not deliveries:
        return ["nothing is parked" + (f" for {plain(reason)}" if reason else "")]
    lines = columns([_HEAD, *(_row(row, listing["now_ms"]) for row in tickets)]) if tickets else []
    if deliveries:
        lines += ["", "deliveries that were given up", *columns(map(_delivery_row, deliveries), indent="  ")]
    of_all = listing["parked_by_reason"].get(reason, 0) if reason else listing["parked"]
    shown = f"{len(tickets):,} of {count(of_all, 'parked ticket')}"
    return [*lines, "", f"{shown}; triage dead show ID tells more, triage dead replay ID sends it back"]


_HEAD = ("id", "reason", "parked", "lane", "attempts", "crashes", "cost", "error")


def _ticket(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: iso(row[name]) if row.get(name) else None for name in ("parked_at", "accepted_at")}
    return {**row, **times, "parked_at_ms": row.get("parked_at"), "cost_usd": (row["cost_nusd"] or 0) / NANO_PER_DOLLAR}


def _row(row: dict[str, Any], now_ms: int) -> tuple[str, ...]:
    return (
        row["id"],
        plain(str(row["reason"])),
        ago(row["parked_at_ms"], now_ms) if row["parked_at_ms"] else "?",
        str(row["lane"]),
        str(row["attempts"]),
        str(row["crashes"]),
        dollars(row["cost_nusd"] or 0),
        plain(str(row["error"] or ""), limit=MAX_ERROR),
    )


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: row.get(name) for name in ("id", "sink", "ticket", "lane")}
    parked_at = as_number(row.get("parked_at"))
    more = {"error": as_json(row.get("error")), "parked_at": iso(parked_at) if parked_at else None}
    return {**known, "attempts": as_number(row.get("attempts")) or 0, **more}


def _delivery_row(row: dict[str, Any]) -> tuple[str, ...]:
    error = plain(str(row["error"] or ""), limit=MAX_ERROR)
    return (row["id"], f"ticket {row.get('ticket') or '?'}", count(row["attempts"], "attempt"), error)
