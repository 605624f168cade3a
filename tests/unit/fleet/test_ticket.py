import string
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.errors import InvalidTicketError
from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket, make_ticket

SECRET = "4111-1111-1111-1111"


def a_ticket(**values: object) -> Ticket:
    return make_ticket(**({"source": "http", "body": "my card was charged twice"} | values))


def refusal(**values: object) -> str:
    with pytest.raises(InvalidTicketError) as caught:
        a_ticket(**values)
    return str(caught.value)


def test_a_ticket_needs_only_a_source_and_a_body() -> None:
    ticket = a_ticket()
    assert (ticket.source, ticket.tenant, ticket.subject, ticket.fields) == (Source.HTTP, "default", "", {})
    assert ticket.received_at.tzinfo is not None
    assert ticket.automated is None


def test_every_ticket_gets_an_id_of_its_own() -> None:
    assert len({a_ticket().id for _ in range(100)}) == 100


def test_a_ticket_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_ticket().body = "other"  # type: ignore[misc]


def test_the_text_is_subject_and_body() -> None:
    assert a_ticket(subject="Refund", body="please").text == "Refund\n\nplease"
    assert a_ticket(body=" please ").text == "please"


@pytest.mark.parametrize(
    ("letter", "size"), [("a", 1), ("é", 2), ("€", 3), ("👋", 4)], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"]
)
def test_the_bound_counts_utf8_bytes_of_subject_and_body(letter: str, size: int) -> None:
    fits = MAX_TEXT_BYTES // size
    room = MAX_TEXT_BYTES - fits * size
    assert len(a_ticket(body=letter * fits + "a" * room).body.encode()) == MAX_TEXT_BYTES
    message = refusal(body=letter * fits + "a" * (room + 1))
    assert message == "subject and body have 65,537 bytes; at most 65,536 are taken"
    assert "bytes" in refusal(subject="a" * (room + 1), body=letter * fits)


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    ticket = a_ticket(subject="\ud83d!", body="a\udc4bb", sender="\ud800", fields={"\udfff": "\ud83d"})
    assert (ticket.subject, ticket.body, ticket.sender, ticket.fields) == ("�!", "a�b", "�", {"�": "�"})
    assert ticket.model_dump_json().encode()


def test_a_whole_surrogate_pair_of_json_is_kept() -> None:
    assert Ticket.model_validate_json('{"source":"http","body":"\\ud83d\\udc4b"}').body == "👋"


@given(body=st.text(st.characters(codec=None)), subject=st.text(st.characters(codec=None), max_size=50))
def test_any_text_can_be_written_and_read_again(body: str, subject: str) -> None:
    ticket = a_ticket(body=body, subject=subject)
    again = Ticket.model_validate_json(ticket.model_dump_json())
    assert again == ticket
    assert again.fingerprint() == ticket.fingerprint()


def test_the_fingerprint_is_that_of_the_content_and_not_of_the_delivery() -> None:
    first = a_ticket(id="t1", received_at=datetime(2026, 11, 23, tzinfo=UTC))
    second = a_ticket(id="t2", received_at=datetime(2026, 11, 24, tzinfo=UTC))
    assert first.fingerprint() == second.fingerprint()
    assert set(first.fingerprint()) <= set(string.hexdigits)


@pytest.mark.parametrize(
    "change",
    [
        {"body": "my card was charged thrice"},
        {"subject": "Refund"},
        {"source": "mail"},
        {"tenant": "acme"},
        {"sender": "ann@example.com"},
        {"conversation": "c1"},
        {"attachments": ["bill.pdf"]},
        {"fields": {"plan": "pro"}},
        {"automated": "bounce"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_content_has_another_fingerprint(change: dict[str, object]) -> None:
    assert a_ticket(**change).fingerprint() != a_ticket().fingerprint()


def test_moving_text_from_subject_to_body_changes_the_fingerprint() -> None:
    assert a_ticket(subject="a", body="b").fingerprint() != a_ticket(subject="", body="ab").fingerprint()


def test_the_fingerprint_does_not_change_between_releases() -> None:
    # Were it to change, every producer that sends again over an upgrade would get a conflict instead of a duplicate.
    assert a_ticket().fingerprint() == "3652bb7e0198c53327a4df5479da0ef6675f2bc0fadb660ec44e4c1a2beb0797"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"source": "fax"}, "source"),
        ({"id": "has space"}, "id"),
        ({"id": "a" * 65}, "id"),
        ({"id": "t1\n"}, "id"),
        ({"id": ""}, "id"),
        ({"tenant": "a/b"}, "tenant"),
        ({"body": None}, "body"),
        ({"body": 7}, "body"),
        ({"subject": SECRET * 100}, "subject"),
        ({"sender": SECRET * 100}, "sender"),
        ({"received_at": f"{SECRET}"}, "received_at"),
        ({"received_at": datetime(2026, 1, 1)}, "received_at"),  # noqa: DTZ001 - a naive time is the point
        ({"attachments": ["a"] * 101}, "attachments"),
        ({"attachments": [SECRET * 100]}, "attachments.0"),
        ({"fields": {str(n): "" for n in range(51)}}, "fields"),
        ({"automated": "robot"}, "automated"),
        ({"colour": SECRET}, "colour"),
    ],
    ids=count(),
)
def test_a_wrong_field_is_named_without_repeating_the_input(values: dict[str, object], field: str) -> None:
    message = refusal(**values)
    assert message.startswith(f"{field}: ")
    assert SECRET not in message
    assert "\n" not in message


@pytest.mark.parametrize("fields", [{SECRET * 100: "v"}, {SECRET: "v" * 1_001}, {SECRET: 7}])
def test_the_customers_own_field_names_are_not_repeated_either(fields: dict[str, object]) -> None:
    message = refusal(fields=fields)
    assert message.startswith("fields: ")
    assert SECRET not in message


def test_every_wrong_field_is_named() -> None:
    assert refusal(source="fax", tenant="a b").count(";") == 1


def test_a_time_in_another_zone_is_taken() -> None:
    zone = timezone(timedelta(hours=2))
    assert a_ticket(received_at=datetime(2026, 1, 1, tzinfo=zone)).received_at.utcoffset() == timedelta(hours=2)
