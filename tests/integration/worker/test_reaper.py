"""One pass of the reaper on a real ledger: what it finds, what it asks the broker, what it sends."""

import asyncio
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from fleet.hints import Hint
from fleet.ledger import AsyncLedger
from fleet.settings import load_settings
from tests.support.bench import SLACK_MS, SMALL, Bench, an_effect
from tests.support.senders import Recorder
from worker.metrics import Metrics
from worker.outgoing import Outgoing
from worker.reaper import Reaper

pytestmark = pytest.mark.integration


class Broker:
    """Says which queues are empty, and remembers what it was asked."""

    def __init__(self, *empty: str) -> None:
        self.empty = empty
        self.asked: list[list[str]] = []

    def __call__(self, queues: Sequence[str]) -> list[str]:
        self.asked.append(list(queues))
        return [queue for queue in queues if queue in self.empty]


def reap(redis_url: str, broker: Broker) -> tuple[Recorder, Metrics]:
    sender, metrics = Recorder(), Metrics(CollectorRegistry())

    async def once() -> None:
        ledger, outgoing = AsyncLedger(redis_url), Outgoing(sender)
        try:
            await Reaper(load_settings({}), ledger, outgoing, metrics, broker).reap()
        finally:
            outgoing.close()
            await ledger.close()

    asyncio.run(once())
    return sender, metrics


def test_a_dead_workers_ticket_is_hinted_at_and_counted(bench: Bench, redis_url: str) -> None:
    bench.accept()
    bench.claim(lease_ms=1_000)
    bench.clock.advance(1_000)
    sender, metrics = reap(redis_url, Broker())
    assert sender.looks == [Hint(("t1",), SMALL, bench.clock.now)]
    assert metrics.registry.get_sample_value("triage_leases_expired_total") == 1


def test_the_broker_is_asked_only_about_queues_with_old_tickets(bench: Bench, redis_url: str) -> None:
    fresh = Broker(SMALL)
    bench.accept()
    old = bench.client.time()[0] * 1000 - SLACK_MS - 10_000
    bench.client.zadd(f"tf:wait:{SMALL}", {"t1": bench.clock.now})
    assert reap(redis_url, fresh)[0].looks == []
    assert fresh.asked == []
    bench.client.zadd(f"tf:wait:{SMALL}", {"t1": old})
    full = Broker()
    sender, _ = reap(redis_url, full)
    assert full.asked == [[SMALL]]
    assert sender.looks == []  # its hint still stands in the list
    sender, metrics = reap(redis_url, Broker(SMALL))
    assert [hint.ids for hint in sender.looks] == [("t1",)]
    assert metrics.registry.get_sample_value("triage_hints_redispatched_total") == 1


def test_a_delivery_that_nobody_makes_is_hinted_at(bench: Bench, redis_url: str) -> None:
    bench.accept()
    bench.finish(bench.claim(), effects=[an_effect("t1")])
    assert reap(redis_url, Broker())[0].deliveries == []
    bench.clock.advance(SLACK_MS)
    assert reap(redis_url, Broker())[0].deliveries == [["page:t1"]]
    assert reap(redis_url, Broker())[0].deliveries == []  # found again after the slack, not at once


def test_a_poisonous_ticket_is_counted_as_parked(bench: Bench, redis_url: str) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    bench.claim(queue="triage.quarantine", lease_ms=1_000)
    bench.clock.advance(1_000)
    sender, metrics = reap(redis_url, Broker())
    assert sender.looks == []
    labels = {"outcome": "parked", "decided_by": "human"}
    assert metrics.registry.get_sample_value("triage_tickets_finished_total", labels) == 1
