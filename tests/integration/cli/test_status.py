import json
import os
import pty
import signal
import urllib.request

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from fleet.ledger import Ledger
from fleet.ledger import transitions as do
from fleet.ledger.payload import TICKET_SCHEMA
from fleet.ledger.records import NoClaim
from ops.cli.health.ledger_metrics import LedgerCollector
from tests.integration.cli.conftest import Ask, Start
from tests.integration.cli.test_show import claimed, try_claim
from tests.support.bench import a_ticket
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration


@pytest.fixture
def busy(ledger: Ledger, client: redis.Redis) -> None:
    """One ticket waiting, one at work, one parked, and a worker that lives."""
    for name in ("t1", "t2", "t3"):
        ledger.run(do.accept(a_ticket(name), key=name))
    claimed(ledger, "t2")
    ledger.run(do.park("t3", claimed(ledger, "t3").fence, reason="bad_output", error="junk"))
    client.set("tf:hb:w1", json.dumps({"worker": "w1", "queues": ["triage.small"], "running": 1}), ex=30)
    client.set("tf:hb:w2", "not json", ex=30)


@pytest.mark.usefixtures("busy")
def test_a_program_gets_one_object(triage: Ask) -> None:
    answer = triage("status", "--json")
    state = answer.json
    assert (answer.code, answer.err) == (0, "")
    assert (state["accepted"], state["waiting"], state["running"], state["parked"]) == (3, 2, 1, 1)
    assert state["parked_by_reason"] == {"bad_output": 1}
    assert state["accepted_by_source"] == {"http": 3}
    assert state["lanes"]["normal"]["waiting"] == 1
    assert state["invariant_holds"] is True
    assert [worker["worker"] for worker in state["workers"]] == ["w1", "w2"]


@pytest.mark.usefixtures("busy")
def test_a_person_gets_a_page(triage: Ask) -> None:
    out = triage("status").out
    assert "parked       1 (bad_output 1)" in out
    assert "2 workers alive" in out
    assert "nobody serves" not in out  # one of them does not say what it serves
    assert out.endswith("the books balance\n")


@pytest.mark.usefixtures("busy")
def test_queues_that_nobody_serves_are_named(triage: Ask, client: redis.Redis) -> None:
    client.delete("tf:hb:w2")
    for name in ("t1", "t2"):
        client.zadd("tf:wait:triage.frontier", {name: 1})
    state = triage("status", "--json").json
    assert state["queues"]["triage.frontier"] == {"waiting": 2, "workers": 0}
    assert state["queues"]["triage.small"] == {"waiting": 1, "workers": 1}
    assert "NOBODY SERVES triage.frontier: 2 tickets wait there" in triage("status").out


def test_tickets_that_wait_for_a_newer_worker_are_counted(triage: Ask, ledger: Ledger, client: redis.Redis) -> None:
    assert "newer worker" not in triage("status").out
    for name in ("t1", "t2"):
        ledger.run(do.accept(a_ticket(name), key=name))
        client.hset(f"tf:t:{name}", "v", TICKET_SCHEMA + 1)
        assert try_claim(ledger, name) is NoClaim.NEWER
    assert triage("status", "--json").json["too_new"] == 2
    assert "2 tickets wait for a newer worker" in triage("status").out
    assert "waiting for a newer worker" in triage("show", "t1").out
    assert "triage_too_new_tickets 2.0" in metrics(client)


def test_books_that_do_not_balance_end_with_1(triage: Ask, client: redis.Redis) -> None:
    client.hincrby("tf:n", "accepted", 1)
    answer = triage("status")
    assert answer.code == 1
    assert "DO NOT BALANCE" in answer.out


@pytest.mark.usefixtures("busy")
def test_watching_ends_well_with_ctrl_c(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen, terminal = pty.openpty()
    process = start("status", "--watch", stdout=terminal, stderr=terminal)
    os.close(terminal)
    seen = b""
    while b"money today" not in seen:
        seen += os.read(screen, 65_536)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    os.close(screen)


@pytest.mark.usefixtures("busy")
def test_the_exporter_serves_what_the_ledger_knows(start: Start) -> None:
    process = start("exporter", "--port", "0", "--host", "127.0.0.1", text=True)
    assert process.stderr
    with urllib.request.urlopen(process.stderr.readline().strip(), timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    for line in (
        "triage_ledger_up 1.0",
        'triage_waiting_tickets{lane="normal"} 1.0',
        'triage_running_tickets{lane="normal"} 1.0',
        'triage_dead_letters{reason="bad_output"} 1.0',
        'triage_tickets_accepted_total{source="http"} 3.0',
        'triage_tickets_accepted_total{source="mail"} 0.0',
        'triage_queue_workers{queue="triage.small"} 1.0',
        'triage_queue_workers{queue="triage.quarantine"} 0.0',
        'triage_queue_waiting{queue="triage.small"} 1.0',
    ):
        assert line in lines
    assert any(line.startswith('triage_oldest_waiting_seconds{lane="normal"}') for line in lines)


def metrics(client: redis.Redis) -> str:
    """What the exporter would serve."""
    registry = CollectorRegistry()
    registry.register(LedgerCollector(client))
    return generate_latest(registry).decode()


def test_the_exporter_says_when_the_ledger_is_away() -> None:
    with redis.Redis.from_url("redis://127.0.0.1:9/0") as away:
        text = metrics(away)
    assert "triage_ledger_up 0.0" in text
    assert "triage_waiting_tickets" not in text


def test_a_port_that_is_taken_is_wrong_configuration(triage: Ask, redis_url: str) -> None:
    port = redis_url.rsplit(":", 1)[1].split("/", maxsplit=1)[0]
    answer = triage("exporter", "--host", "127.0.0.1", "--port", port)
    assert answer.code == 2
    assert "cannot listen" in answer.err


def test_the_tail_begins_with_the_last_events(triage: Ask, busy: None) -> None:
    del busy
    answer = triage("tail", "-n", "1", "--count", "1", "--json")
    event = json.loads(answer.out)
    assert (event["id"], event["event"], event["data"]["reason"]) == ("t3", "parked", "bad_output")
    assert "parked     t3  bad_output: junk" in triage("tail", "--count", "1").out


def test_the_tail_follows_what_happens(start: Start, ledger: Ledger) -> None:
    ledger.run(do.accept(a_ticket("t1"), key="t1"))
    held = claimed(ledger, "t1")
    process = start("tail", "--json")
    wait_for("the tail listens", lambda: ledger.redis.info("clients")["blocked_clients"] == 1)
    verdict = '{"category":"billing","urgency":"low"}'
    ledger.run(do.finish("t1", held.fence, verdict=verdict, outcome="{}", decided_by="small"))
    assert process.stdout
    event = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert (event["event"], event["data"]) == ("triaged", {"decided_by": "small"})
    assert event["verdict"]["category"] == "billing"


def test_a_reader_that_goes_away_ends_it_quietly(start: Start, ledger: Ledger) -> None:
    for n in range(3_000):
        ledger.redis.xadd("tf:tail", {"id": f"t{n}", "event": "parked", "data": '{"reason":"x"}'})
    process = start("tail", "-n", "3000")
    assert process.stdout
    assert process.stderr
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == b""
