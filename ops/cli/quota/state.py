"""Money and models as objects: the keys "money" and "models" of `triage status --json`."""

from typing import Any

import redis

from fleet.ledger.reading import open_tickets
from fleet.ledger.spending import DAY_MS, Spending, read_spending
from fleet.money import NANO_PER_DOLLAR
from ops.cli.story.record import server_ms
from ops.cli.terminal.wording import iso
from worker.limits.permits import Refusal
from worker.limits.reading import Bucket, ModelState
from worker.limits.rules import Budget

SAMPLE = 20
"""So many of each lane's oldest tickets are asked what they wait for."""


def read_money(client: redis.Redis, budget: Budget) -> dict[str, Any]:
    """Read what today cost and what is left of it."""
    wait = _tickets_wait_for_money(client)
    return money(read_spending(client), budget, now_ms=server_ms(client), tickets_wait=wait)


def money(spending: Spending, budget: Budget, *, now_ms: int, tickets_wait: bool) -> dict[str, Any]:
    """Sum the day's money up. What depends on a cap is None where this environment sets none."""
    cap, soft, pace = budget.day_nusd, budget.soft_nusd, spending.nusd_per_minute
    ends_ms = (now_ms // DAY_MS + 1) * DAY_MS
    minutes_left = None if cap is None else spending.minutes_left(cap)
    runs_out_ms = None if minutes_left is None else now_ms + int(minutes_left * 60_000)
    return {
        "spent_usd": spending.spent_nusd / NANO_PER_DOLLAR,
        "spent_nusd": spending.spent_nusd,
        "reserved_usd": spending.reserved_nusd / NANO_PER_DOLLAR,
        "reserved_nusd": spending.reserved_nusd,
        "estimated_usd": spending.estimated_nusd / NANO_PER_DOLLAR,
        "estimated_nusd": spending.estimated_nusd,
        "limit_usd": None if cap is None else cap / NANO_PER_DOLLAR,
        "left_usd": None if cap is None else max(0, cap - spending.used_nusd) / NANO_PER_DOLLAR,
        "usd_per_minute": pace / NANO_PER_DOLLAR,
        "minutes_left": minutes_left,
        "runs_out_at": None if runs_out_ms is None or runs_out_ms >= ends_ms else iso(runs_out_ms),
        "day_ends_at": iso(ends_ms),
        "soft_cap_usd": None if soft is None else soft / NANO_PER_DOLLAR,
        "is_soft_cap_reached": None if soft is None else spending.spent_nusd >= soft,
        "tickets_wait_for_money": tickets_wait,
    }


def model(state: ModelState) -> dict[str, Any]:
    """Say whether calls of one model go out, and how full its buckets are."""
    return {
        "breaker": {
            "is_open": state.is_stopped,
            "kind": state.stop if state.is_stopped else None,
            "seconds_left": state.stop_left_s,
            "is_probing": state.is_probing,
            "held_for": state.held_for,
            "held_s": round(state.held_s, 1) if state.held_for else None,
            "refused_in_doubt": state.suspects,
            "next_call_probes": state.stop is not None and not state.is_stopped,
        },
        "buckets": {bucket.resource: _bucket(bucket) for bucket in state.buckets},
    }


def _bucket(bucket: Bucket) -> dict[str, Any]:
    return {
        "per_minute": bucket.per_minute,
        "allowed_per_minute": bucket.told_per_minute,
        "shown_per_minute": bucket.shown_per_minute,
        "percent_left": round(100 * bucket.share_left, 1),
        "wait_s": round(bucket.wait_s, 3),
    }


def _tickets_wait_for_money(client: redis.Redis) -> bool:
    """Whether tickets were sent back for want of money; a cap set elsewhere shows here, too."""
    pipe = client.pipeline(transaction=False)
    for ticket_id in open_tickets(client, limit=SAMPLE):
        pipe.hmget(f"tf:t:{ticket_id}", "state", "waits_for")
    return [b"retry", Refusal.BUDGET.encode()] in pipe.execute()
