from prometheus_client import CollectorRegistry

from producers.intake.metrics import IntakeMetrics
from producers.intake.pressure import Pressure, read_pressure
from producers.intake.status import Status


def a_status() -> tuple[Status, CollectorRegistry]:
    registry = CollectorRegistry()
    return Status(IntakeMetrics("imap", registry)), registry


def value(registry: CollectorRegistry, name: str) -> float | None:
    return registry.get_sample_value(name, {"producer": "imap"})


def test_a_producer_is_ready_when_its_source_and_the_ledger_are_there() -> None:
    status, _ = a_status()
    ready = [status.is_ready]
    status.up()
    ready.append(status.is_ready)
    status.ledger_answered()
    ready.append(status.is_ready)
    status.ledger_failed("away")
    ready.append(status.is_ready)
    assert ready == [False, False, True, False]
    assert status.describe()["ledger"] == "away"


def test_a_producer_that_leaves_messages_behind_is_connected_but_not_ready() -> None:
    status, registry = a_status()
    status.up()
    status.ledger_answered()
    status.lacking("one mail")
    assert not status.is_ready
    assert status.describe()["source"] == "connected; one mail"
    assert value(registry, "triage_source_up") == 1
    status.lacking("")
    assert status.is_ready


def test_only_a_second_connection_counts_as_reconnect() -> None:
    status, registry = a_status()
    status.up()
    assert (value(registry, "triage_source_up"), value(registry, "triage_source_reconnects_total")) == (1, 0)
    status.down("lost")
    status.up()
    assert value(registry, "triage_source_reconnects_total") == 1


def test_a_source_that_stands_still_is_dead_only_where_it_said_so() -> None:
    status, _ = a_status()
    lives = [status.is_live]
    status.expect_beats(-1.0)
    lives.append(status.is_live)
    status.expect_beats(60)
    status.beat()
    lives.append(status.is_live)
    assert lives == [True, False, True]


def test_a_server_without_a_bound_is_never_full() -> None:
    assert read_pressure({"used_memory": 10**12, "maxmemory": 0}) == Pressure(0.0)
    assert read_pressure({}) == Pressure(0.0)


def test_a_server_is_full_from_the_bound_on() -> None:
    pressure = read_pressure({"used_memory": 70, "maxmemory": 100})
    assert pressure.is_over(0.7)
    assert not pressure.is_over(0.71)
