"""Tickets as the ledger keeps them: written for the oldest release that can read them, read tolerantly."""

import json
from typing import Any

import pytest

from fleet.errors import InvalidTicketError, SchemaTooNewError
from fleet.ledger.payload import _SINCE, TICKET_SCHEMA, _Stored, read_payload, schema_of, write_payload
from fleet.ticket import Automated, Source, Ticket, TicketFlag

FULL = Ticket(
    id="t1",
    tenant="acme",
    source=Source.MAIL,
    subject="Bill",
    body="my card was charged twice",
    forwarded="you owe us",
    quoted="> before",
    signature="Ann",
    sender="ann@example.org",
    conversation="c1",
    attachments=("bill.pdf",),
    fields={"plan": "pro"},
    automated=Automated.LIST,
    flags=(TicketFlag.HIDDEN_TEXT,),
)
PLAIN = FULL.model_copy(update={"forwarded": "", "flags": ()})
SCHEMA_1 = set(Ticket.model_fields) - {"forwarded", "flags"}
"""What the releases of schema 1 know; they refuse everything else."""

MINIMAL = {"id": "t1", "source": "http", "body": "hello"}


def read(values: Any) -> Ticket:
    raw = values if isinstance(values, str) else json.dumps(values)
    return read_payload(raw, ticket_id="t1", accepted_ms=1_700_000_000_000)


@pytest.mark.parametrize("ticket", [FULL, PLAIN])
def test_a_ticket_is_read_as_it_was_written(ticket: Ticket) -> None:
    assert read(write_payload(ticket)) == ticket


def test_a_ticket_without_new_fields_holds_only_names_that_the_first_releases_know() -> None:
    assert schema_of(PLAIN) == 1
    assert json.loads(write_payload(PLAIN)).keys() == SCHEMA_1


@pytest.mark.parametrize(
    "change",
    [{"forwarded": "x"}, {"flags": (TicketFlag.PARTS_DIFFER,)}],
    ids=["forwarded", "flags"],
)
def test_a_ticket_with_a_new_field_is_of_the_schema_that_brought_it(change: dict[str, Any]) -> None:
    assert schema_of(PLAIN.model_copy(update=change)) == TICKET_SCHEMA


def test_every_field_after_the_first_schema_says_which_brought_it() -> None:
    assert set(_SINCE) == set(Ticket.model_fields) - SCHEMA_1
    assert max(_SINCE.values()) == TICKET_SCHEMA
    assert all(not Ticket(**MINIMAL).model_dump()[name] for name in _SINCE)  # unused is what says nothing


def test_the_tolerant_reader_knows_every_field_of_a_ticket() -> None:
    assert _Stored.model_fields.keys() == Ticket.model_fields.keys()
    tolerantly = read({**json.loads(write_payload(FULL)), "of_the_next_release": 1})
    assert tolerantly == FULL


@pytest.mark.parametrize("name", sorted(set(Ticket.model_fields) - {"source", "body"}))
def test_a_field_that_another_release_left_out_has_its_default(name: str) -> None:
    values = json.loads(write_payload(FULL))
    del values[name]
    again = read(values)
    assert again.model_copy(update={name: getattr(FULL, name)}) == FULL
    assert again.id == "t1"  # keys and pages hang on it: never a new one
    if name == "received_at":
        assert again.received_at.timestamp() == 1_700_000_000


@pytest.mark.parametrize("name", sorted(set(Ticket.model_fields) - {"source", "body", "id"}))
def test_a_field_that_cannot_be_understood_is_left_out(name: str) -> None:
    again = read({**json.loads(write_payload(FULL)), name: {"of": ["the", "next", "release"]}})
    assert again.body == FULL.body
    if name != "received_at":
        assert getattr(again, name) == Ticket.model_fields[name].get_default(call_default_factory=True)


def test_flags_of_a_later_release_are_left_out_and_ours_stay() -> None:
    assert read({**MINIMAL, "flags": ["hidden_text", "written_by_a_parrot", {}]}).flags == (TicketFlag.HIDDEN_TEXT,)


@pytest.mark.parametrize(
    ("name", "value"),
    [("subject", "s" * 5_000), ("body", "b" * 200_000), ("quoted", "q" * 200_000), ("tenant", "Ümlaut & Co")],
)
def test_no_word_is_lost_to_bounds_that_another_release_drew_elsewhere(name: str, value: str) -> None:
    assert getattr(read({**MINIMAL, name: value}), name) == value


@pytest.mark.parametrize(
    "values",
    [{**MINIMAL, "source": "fax"}, {"id": "t1", "source": "http", "text": "hi"}, {**MINIMAL, "body": {}, "parts": []}],
    ids=["source", "no body", "body of another kind"],
)
def test_what_only_a_newer_release_can_have_written_says_so(values: dict[str, Any]) -> None:
    with pytest.raises(SchemaTooNewError):
        read(values)


@pytest.mark.parametrize("raw", ["", "not json", "[]", "null", "{}", '{"source": "http"}', '{"source": 1, "body": ""}'])
def test_what_no_release_can_have_written_is_no_ticket(raw: str) -> None:
    with pytest.raises(InvalidTicketError):
        read(raw)
