from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from fleet.errors import ConfigurationError, InvalidTicketError, SchemaTooNewError
from fleet.hints import DELIVER_TASK, LOOK_TASK, Hint, HintSender, broker_settings, ensure_transport, read_hint
from fleet.settings import load_settings

GOOD = {"ids": ["t1", "t2"], "queue": "triage.small", "at_ms": 1_800_000_000_000, "v": 1}


def test_a_hint_is_read_off_the_wire() -> None:
    assert read_hint(GOOD) == Hint(("t1", "t2"), "triage.small", 1_800_000_000_000)


def test_fields_of_a_later_release_are_passed_over() -> None:
    assert read_hint(GOOD | {"colour": "blue"}) == read_hint(GOOD)


def test_a_hint_of_a_newer_release_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(
        SchemaTooNewError, match="the hint has schema 2, this release knows up to 1: upgrade workers before producers"
    ):
        read_hint(GOOD | {"v": 2})


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        7,
        "t1",
        [],
        {},
        [GOOD],
        {name: value for name, value in GOOD.items() if name != "ids"},
        {name: value for name, value in GOOD.items() if name != "v"},
        GOOD | {"ids": None},
        GOOD | {"ids": 7},
        GOOD | {"at_ms": "soon"},
        GOOD | {"at_ms": None},
        GOOD | {"at_ms": float("inf")},
        GOOD | {"at_ms": float("nan")},
        GOOD | {"v": []},
    ],
    ids=str,
)
def test_garbage_is_refused_as_no_hint(garbage: Any) -> None:
    with pytest.raises(InvalidTicketError, match="not a hint"):
        read_hint(garbage)


@pytest.fixture
def app() -> Iterator[Celery]:
    """A Celery whose broker lives in this process."""
    found = Celery("test", broker="memory://", set_as_current=False)
    yield found
    found.close()


def sent(app: Celery, queue: str) -> list[tuple[str, Any]]:
    with app.connection_for_read() as connection, connection.SimpleQueue(queue) as box:
        messages = [box.get(block=False) for _ in range(box.qsize())]
        for message in messages:
            message.ack()
        return [(message.headers["task"], message.payload[0][0]) for message in messages]


def test_a_sent_hint_can_be_read(app: Celery) -> None:
    HintSender(app).look(["t1"], queue="triage.small", at_ms=7)
    ((task, raw),) = sent(app, "triage.small")
    assert task == LOOK_TASK
    assert read_hint(raw) == Hint(("t1",), "triage.small", 7)


def test_hints_for_many_tickets_go_to_their_queues_in_portions(app: Celery) -> None:
    pairs = [("t1", "triage.small"), ("t2", "triage.frontier"), ("t3", "triage.small"), ("t4", "triage.small")]
    HintSender(app).look_each(pairs, at_ms=7, size=2)
    assert [read_hint(raw).ids for _, raw in sent(app, "triage.small")] == [("t1", "t3"), ("t4",)]
    assert [read_hint(raw).ids for _, raw in sent(app, "triage.frontier")] == [("t2",)]


def test_a_ticket_has_a_hint_of_its_own_unless_told(app: Celery) -> None:
    HintSender(app).look_each([("t1", "triage.small"), ("t2", "triage.small")], at_ms=7)
    assert len(sent(app, "triage.small")) == 2


def test_effects_are_hinted_at_by_their_ids(app: Celery) -> None:
    HintSender(app).deliver(["page:t1"])
    assert sent(app, "triage.deliver") == [(DELIVER_TASK, ["page:t1"])]


@pytest.mark.parametrize("url", ["redis://h", "rediss://h", "unix:///s", "redis+socket:///s"])
def test_every_client_of_a_redis_broker_shares_its_transport_options(url: str) -> None:
    found = broker_settings(load_settings({"TRIAGE_REDIS_URL": "redis://a", "TRIAGE_BROKER_URL": url}))
    options = found["broker_transport_options"]
    assert (options["global_keyprefix"], options["visibility_timeout"]) == ("tf:", 3600)
    assert found["result_backend"] is None


def test_another_broker_gets_no_options_of_redis() -> None:
    found = broker_settings(load_settings({"TRIAGE_REDIS_URL": "redis://a", "TRIAGE_BROKER_URL": "amqp://b"}))
    assert "broker_transport_options" not in found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nope://u:hunter22@h", "Celery knows no broker that is spoken to by nope://"),
        ("sqs://KEY:hunter22@", "sqs:// needs botocore: pip install botocore"),
        ("kafka://u:hunter22@h", "Celery cannot use this kafka:// address"),
        ("redis://h/0?password=hunter22", "Celery cannot use this redis:// address (an option after the ?)"),
    ],
)
def test_a_broker_whose_library_is_missing_is_told_before_anything_starts(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ensure_transport(load_settings({"TRIAGE_BROKER_URL": url}))
    assert str(caught.value).startswith(f"TRIAGE_BROKER_URL: {said}")
    assert "hunter22" not in str(caught.value)


def test_the_transport_of_the_ledgers_own_server_is_there() -> None:
    ensure_transport(load_settings({"TRIAGE_REDIS_URL": "redis://:hunter22@127.0.0.1:9/0"}))
