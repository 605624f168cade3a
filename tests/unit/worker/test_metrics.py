import errno
import socket
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from fleet.lanes import Lane, Tier
from fleet.taxonomy import load_taxonomy
from fleet.verdict import DecidedBy, Verdict
from tests.support.server import free_port
from worker.domain import Call, CallResult, Purpose, Usage
from worker.metrics import Metrics, serve

HAIKU = "claude-haiku-5-5"
CALL = Call(HAIKU, Tier.SMALL, Purpose.TRIAGE, "triage-1", CallResult.OK, 0.5, Usage(1_500, 0, 0, 7, 150), 225_070)
VERDICT = Verdict(
    category="billing",
    urgency="high",
    needs_human=True,
    confidence=0.9,
    reason="why",
    language="en",
    decided_by=DecidedBy.SMALL,
    taxonomy=load_taxonomy().version,
)

CONTRACT = {
    "triage_tickets_finished_total": {"outcome", "decided_by"},
    "triage_verdicts_total": {"category", "urgency", "needs_human", "decided_by"},
    "triage_model_calls_total": {"model", "tier", "result"},
    "triage_model_call_seconds_count": {"model", "tier"},
    "triage_model_tokens_total": {"model", "kind"},
    "triage_model_cost_usd_total": {"model", "tier", "purpose"},
    "triage_parse_failures_total": {"model", "reason"},
    "triage_escalations_total": {"reason"},
    "triage_cache_saved_usd_total": {"model"},
    "triage_permit_wait_seconds_count": {"model"},
    "triage_queue_wait_seconds_count": {"lane"},
    "triage_ticket_seconds_count": {"decided_by"},
    "triage_deliveries_total": {"sink", "result"},
    "triage_hints_redispatched_total": set(),
    "triage_leases_expired_total": set(),
    "triage_stale_writes_refused_total": set(),
}


def fresh() -> Metrics:
    return Metrics(CollectorRegistry())


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_names_and_labels_are_those_of_the_contract() -> None:
    metrics = fresh()
    metrics.call(Call(HAIKU, Tier.SMALL, Purpose.TRIAGE, "p", CallResult.OK, 1, Usage(1, 1, 1, 1, 1), 1, parse="json"))
    metrics.claimed(Lane.NORMAL, 1.0)
    metrics.waited(HAIKU, 0.0)
    metrics.triaged(VERDICT, 2.0)
    metrics.parked()
    metrics.escalations.labels("long").inc()
    metrics.deliveries.labels("page", "sent").inc()
    found = {s.name: set(s.labels) for family in metrics.registry.collect() for s in family.samples}
    parts = ("_bucket", "_sum", "_created")
    assert {name: labels for name, labels in found.items() if not name.endswith(parts)} == CONTRACT


def test_a_call_is_counted_with_its_tokens_and_its_price() -> None:
    metrics = fresh()
    metrics.call(CALL)
    metrics.call(CALL)
    assert value(metrics, "triage_model_calls_total", model=HAIKU, tier="small", result="ok") == 2
    assert value(metrics, "triage_model_call_seconds_sum", model=HAIKU, tier="small") == 1.0
    assert value(metrics, "triage_model_tokens_total", model=HAIKU, kind="input") == 3_000
    assert value(metrics, "triage_model_tokens_total", model=HAIKU, kind="cache_read") == 14
    assert value(metrics, "triage_model_tokens_total", model=HAIKU, kind="cache_write_5m") is None
    cost = value(metrics, "triage_model_cost_usd_total", model=HAIKU, tier="small", purpose="triage")
    assert cost == pytest.approx(2 * CALL.cost_nusd / 1e9, rel=1e-12)


def test_a_failed_call_is_counted_and_costs_nothing() -> None:
    metrics = fresh()
    metrics.call(Call(HAIKU, Tier.SMALL, Purpose.TRIAGE, "p", CallResult.OVERLOADED, 0.1))
    assert value(metrics, "triage_model_calls_total", model=HAIKU, tier="small", result="overloaded") == 1
    assert value(metrics, "triage_model_cost_usd_total", model=HAIKU, tier="small", purpose="triage") is None


def test_a_reply_that_is_no_verdict_is_counted_and_was_paid_for() -> None:
    metrics = fresh()
    metrics.call(Call(HAIKU, Tier.SMALL, Purpose.REPAIR, "p", CallResult.OK, 1, Usage(1), 100, parse="taxonomy"))
    assert value(metrics, "triage_parse_failures_total", model=HAIKU, reason="taxonomy") == 1
    cost = value(metrics, "triage_model_cost_usd_total", model=HAIKU, tier="small", purpose="repair")
    assert cost == pytest.approx(1e-7)


def test_every_lane_and_decider_is_there_before_its_first_ticket() -> None:
    metrics = fresh()
    for lane in Lane:
        assert value(metrics, "triage_queue_wait_seconds_count", lane=lane) == 0
    for decider in DecidedBy:
        assert value(metrics, "triage_ticket_seconds_count", decided_by=decider) == 0


def test_two_registries_do_not_share_a_count() -> None:
    one, other = fresh(), fresh()
    one.parked()
    assert value(one, "triage_tickets_finished_total", outcome="parked", decided_by="human") == 1
    assert value(other, "triage_tickets_finished_total", outcome="parked", decided_by="human") is None


def test_metrics_that_are_off_take_no_port() -> None:
    assert serve(fresh(), 0) is None


def test_the_second_process_of_a_machine_takes_the_next_port() -> None:
    metrics = fresh()
    metrics.parked()
    with socket.socket() as neighbour:
        neighbour.bind(("", free_port()))
        neighbour.listen()
        taken = neighbour.getsockname()[1]
        port = serve(metrics, taken)
    assert port is not None
    assert port > taken
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert 'triage_tickets_finished_total{decided_by="human",outcome="parked"} 1.0' in text


def test_the_end_of_the_ports_is_an_error_that_says_so() -> None:
    with socket.socket() as last:
        last.bind(("", 65_535))
        last.listen()
        with pytest.raises(OSError, match="no free metrics port from 65535") as caught:
            serve(fresh(), 65_535)
    assert caught.value.errno == errno.EADDRINUSE
