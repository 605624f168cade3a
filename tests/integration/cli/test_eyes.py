"""What an operator sees where the server takes nothing in: full, its disk failing, or a replica."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from fleet.ledger.condition import Condition, read_condition
from fleet.ledger.outbox import read_deliveries
from ops.cli.health.ledger_metrics import LedgerCollector
from tests.integration.cli.conftest import Ask
from tests.support.bench import SMALL, a_ticket, an_effect

pytestmark = pytest.mark.integration


@pytest.fixture
def full(client: redis.Redis, ledger: Ledger) -> Iterator[redis.Redis]:
    """A server with one ticket waiting and one parked, and no room for another byte."""
    for name in ("t1", "t2"):
        ledger.run(do.accept(a_ticket(name), key=name))
    held = ledger.run(do.claim("t2", queue=SMALL, hinted_ms=0, worker="w", lease_ms=15_000))
    ledger.run(do.park("t2", held.fence, reason="bad_output", error="why"))  # type: ignore[union-attr]  # it is a claim
    client.config_set("maxmemory", 1)
    yield client
    client.config_set("maxmemory", 0)


@pytest.mark.usefixtures("full")
def test_at_maxmemory_status_answers_and_says_full(triage: Ask) -> None:
    answer = triage("status")
    assert answer.code == 0
    assert "ATTENTION: the ledger's server is FULL" in answer.out
    assert "raise maxmemory" in answer.out
    state = triage("status", "--json").json
    assert (state["accepted"], state["parked"], state["server"]["is_full"]) == (2, 1, True)


@pytest.mark.usefixtures("full")
def test_at_maxmemory_the_dead_letters_are_listed(triage: Ask) -> None:
    assert "bad_output" in triage("dead", "list").out
    assert triage("show", "t2").code == 0


@pytest.mark.usefixtures("full")
def test_at_maxmemory_check_fails_and_says_why(triage: Ask) -> None:
    answer = triage("check")
    assert answer.code
    assert "is FULL" in answer.out


def test_at_maxmemory_the_exporter_has_all_its_series(full: redis.Redis) -> None:
    registry = CollectorRegistry()
    registry.register(LedgerCollector(full))
    lines = generate_latest(registry).decode().splitlines()
    for line in ("triage_ledger_up 1.0", "triage_ledger_full 1.0", 'triage_dead_letters{reason="bad_output"} 1.0'):
        assert line in lines
    assert any(line.startswith("triage_oldest_waiting_seconds") for line in lines)


def test_a_replica_shows_everything_and_says_what_it_is(client: redis.Redis, triage: Ask, ledger: Ledger) -> None:
    ledger.run(do.accept(a_ticket(), key="k"))
    client.replicaof("127.0.0.1", "1")
    try:
        answer = triage("status")
        assert "ATTENTION: this server is a replica" in answer.out
        assert triage("dead", "list").code == 0
    finally:
        client.replicaof("NO", "ONE")


HEALTHY = Condition(1, None, False, False, None, 0.0)


def test_each_trouble_has_its_sentence_and_its_remedy() -> None:
    assert HEALTHY.troubles() == []
    assert HEALTHY.can_write
    failing = replace(HEALTHY, is_disk_failing=True)
    assert "free disk space" in failing.troubles()[0]
    assert not failing.can_write
    assert "3 s behind its master" in replace(HEALTHY, is_replica=True, replica_lag_s=3.0).troubles()[0]
    assert "30 s ahead of" in replace(HEALTHY, clock_ahead_s=30.0).troubles()[0]


def test_the_servers_clock_and_memory_are_read(client: redis.Redis) -> None:
    found = read_condition(client)
    assert found.used_bytes > 100_000
    assert abs(found.clock_ahead_s) < 5
    assert (found.is_full, found.memory_share) == (False, None)


def test_a_failing_receiver_is_named_with_its_last_error(client: redis.Redis, ledger: Ledger, triage: Ask) -> None:
    ledger.run(do.accept(a_ticket(), key="k"))
    held = ledger.run(do.claim("t1", queue=SMALL, hinted_ms=0, worker="w", lease_ms=15_000))
    effects = [an_effect("t1")]
    values = {"verdict": "{}", "outcome": "{}", "decided_by": "small"}
    ledger.run(do.finish("t1", held.fence, effects=effects, **values))  # type: ignore[union-attr,arg-type]  # it is a claim
    ledger.run(do.lease_effect("page:t1"))
    ledger.run(do.settle_effect("page:t1", "later", delay_ms=60_000, error="500 from the pager"))
    client.hset("tf:e:page:t1", "made_at", int((time.time() - 120) * 1000))
    found = read_deliveries(client)
    assert (found.waiting, found.by_sink, found.last_error) == (1, {"page": 1}, {"page": "500 from the pager"})
    assert found.oldest_s >= 119
    assert "the oldest for" in triage("status").out
    assert "500 from the pager" in triage("status").out


def test_what_tickets_wait_for_is_told_apart(ledger: Ledger, triage: Ask) -> None:
    for name, reason in (("t1", "budget"), ("t2", "held"), ("t3", "held")):
        ledger.run(do.accept(a_ticket(name), key=name))
        held = ledger.run(do.claim(name, queue=SMALL, hinted_ms=0, worker="w", lease_ms=15_000))
        ledger.run(do.retry(name, held.fence, delay_ms=60_000, reason=reason))  # type: ignore[union-attr]  # it is a claim
    assert triage("status", "--json").json["waits_for"] == {"budget": 1, "held": 2}
    assert "for money (budget) 1, for a held model 2" in triage("status").out
