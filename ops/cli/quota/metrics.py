"""The metrics of money and limits, as `triage exporter` serves them."""

from collections.abc import Iterator

import redis
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from fleet.ledger.spending import read_spending
from fleet.money import NANO_PER_DOLLAR
from ops.cli.quota.allowed import Allowed
from worker.limits.permits import HoldReason
from worker.limits.reading import ModelState, read_models
from worker.limits.rules import Budget


def quota_metrics(client: redis.Redis, allowed: Allowed) -> list[Metric]:
    """Read them all."""
    states = read_models(client, allowed.limits, allowed.models)
    return [*_limits(states), *_money(client, allowed.budget)]


def _limits(states: list[ModelState]) -> Iterator[Metric]:
    labels = ["model", "resource"]
    capacity = GaugeMetricFamily(
        "triage_limit_capacity",
        "What may be used a minute: TRIAGE_LIMITS, or less where the provider shows less.",
        labels=labels,
    )
    # The bucket holds five seconds' worth; in its own unit a full one would look like a twelfth of the capacity.
    available = GaugeMetricFamily(
        "triage_limit_available",
        "What is left in the bucket, scaled so that a full one equals the capacity.",
        labels=labels,
    )
    breaker = GaugeMetricFamily("triage_breaker_open", "1 while no call of the model goes out.", labels=["model"])
    held = GaugeMetricFamily(
        "triage_model_held",
        "1 while the model is held for this reason: nothing but a probe goes out.",
        labels=["model", "reason"],
    )
    held_s = GaugeMetricFamily(
        "triage_model_held_seconds", "For how long the model has been held; 0 where it is not.", labels=["model"]
    )
    probe_s = GaugeMetricFamily(
        "triage_model_next_probe_seconds", "When a held model is probed next; 0: now, or not held.", labels=["model"]
    )
    for state in states:
        held_s.add_metric([state.model], state.held_s)
        probe_s.add_metric([state.model], state.stop_left_s if state.held_for else 0.0)
        for reason in HoldReason:
            held.add_metric([state.model, reason], state.held_for is reason)
        breaker.add_metric([state.model], state.is_stopped)
        for bucket in state.buckets:
            capacity.add_metric([state.model, bucket.resource], bucket.per_minute)
            available.add_metric([state.model, bucket.resource], bucket.share_left * bucket.per_minute)
    yield from (capacity, available, breaker, held, held_s, probe_s)


def _money(client: redis.Redis, budget: Budget) -> Iterator[Metric]:
    spending = read_spending(client)
    for name, help_text, nusd in (
        ("spent", "Spent today (UTC) in US dollars.", spending.spent_nusd),
        ("reserved", "Held today for calls under way.", spending.reserved_nusd),
        ("estimated", "Of what was spent: estimates for calls whose figure never came.", spending.estimated_nusd),
        ("limit", "The day's cap in US dollars.", budget.day_nusd),
    ):
        if nusd is not None:
            yield GaugeMetricFamily(f"triage_budget_{name}_usd", help_text, nusd / NANO_PER_DOLLAR)
