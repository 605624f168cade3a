"""The demo's summary, read off the ledger when all is over: nothing in it is taken from the demo's own counting."""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.decoding import calls_of
from fleet.ledger.reading import read_ticket, read_totals
from fleet.money import NANO_PER_DOLLAR
from fleet.taxonomy import Taxonomy
from ops.demo.tickets import Labelled
from worker.domain import Usage
from worker.llm.prices import PriceTable

_JUDGED = ("category", "urgency", "needs_human")


def summarise(
    ledger: Ledger, tickets: Sequence[Labelled], prices: PriceTable, taxonomy: Taxonomy, *, frontier_model: str
) -> dict[str, Any]:
    """Sum up what became of the tickets; cost in US dollars, latency in seconds from acceptance to verdict."""
    totals = read_totals(ledger.redis)
    records = [record for t in tickets if (record := read_ticket(ledger.redis, t.ticket.id)) is not None]
    triaged = [record for record in records if record["state"] == "triaged"]
    calls = [call for record in records for call in _calls(record)]
    return {
        "accepted": totals.accepted,
        "triaged": totals.triaged,
        "parked": totals.parked,
        "waiting": totals.waiting,
        "by_decider": dict(Counter(record["decided_by"] for record in triaged)),
        "parked_by_reason": dict(Counter(record["reason"] for record in records if record["state"] == "parked")),
        "escalated": totals.escalated,
        "parse_failures": dict(Counter(call["parse"] for call in calls if call.get("parse"))),
        "calls": len(calls),
        "calls_by_result": dict(Counter(call.get("result", "?") for call in calls)),
        "cost_usd": totals.cost_nusd / NANO_PER_DOLLAR,
        "cost_usd_frontier_only": _frontier_only(records, prices, frontier_model) / NANO_PER_DOLLAR,
        "accuracy": _accuracy(triaged, tickets, taxonomy),
        "latency_s": _quantiles([(r["finished_at"] - r["accepted_at"]) / 1000 for r in triaged]),
        "tickets_per_s": _rate(records),
        "duplicate_results": sum(max(0, _count(record, "triaged") - 1) for record in records),
        "retries": totals.retries,
        "leases_expired": totals.leases_expired,
        "hints_redispatched": totals.redispatched,
        "stale_writes_refused": totals.stale_refused,
        "invariant_holds": totals.is_balanced and not audit(ledger.redis) and len(records) == len(tickets),
    }


def _calls(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for event in record["history"] for call in calls_of(event)]


def _count(record: dict[str, Any], event: str) -> int:
    return sum(1 for item in record["history"] if item["event"] == event)


def _frontier_only(records: Iterable[dict[str, Any]], prices: PriceTable, model: str) -> int:
    """What one frontier call per ticket would have cost: its own where it had one, else the small call's tokens."""
    cost = 0
    for record in records:
        calls = [call for call in _calls(record) if call.get("result") == "ok"]
        frontier = [call for call in calls if call.get("tier") == "frontier"]
        if frontier:
            cost += sum(call.get("cost_nusd", 0) for call in frontier)
        elif calls:
            usage = Usage(**{name: calls[0].get(f"{name}_tokens", 0) for name in Usage.__dataclass_fields__})
            cost += prices.cost_nusd(model, usage)
    return cost


def _accuracy(
    triaged: Iterable[dict[str, Any]], tickets: Sequence[Labelled], taxonomy: Taxonomy
) -> dict[str, float | None]:
    """Share of verdicts that agree with the label; labels from other taxonomies say nothing about ours."""
    allowed = {"category": taxonomy.category_names, "urgency": taxonomy.urgency_names, "needs_human": (True, False)}
    verdicts = {record["id"]: record["verdict"] for record in triaged}
    shares: dict[str, float | None] = {}
    for name in _JUDGED:
        hits = [
            verdicts[t.ticket.id][name] == t.labels[name]
            for t in tickets
            if t.labels.get(name) in allowed[name] and t.ticket.id in verdicts
        ]
        shares[name] = round(sum(hits) / len(hits), 4) if hits else None
    return shares


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    if len(values) < 2:  # noqa: PLR2004 - quantiles need two
        only = round(values[0], 3) if values else None
        return {"p50": only, "p95": only, "p99": only}
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {f"p{percent}": round(cuts[percent - 1], 3) for percent in (50, 95, 99)}


def _rate(records: Sequence[dict[str, Any]]) -> float:
    ends = [record.get("finished_at") or record.get("parked_at") for record in records]
    known = [end for end in ends if end]
    if not known:
        return 0.0
    span_s = (max(known) - min(record["accepted_at"] for record in records)) / 1000
    return round(len(known) / span_s, 2) if span_s else 0.0


def write_json(summary: dict[str, Any]) -> str:
    """One JSON object on one line."""
    return json.dumps(summary, ensure_ascii=False)
