import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ticket import Source
from producers.raw.item import Item, Read, content_key, entry_bytes, read_item, unreadable
from producers.raw.settings import RawSettings
from producers.rejection import Rejected


def item(raw: bytes, name: str = "") -> Item:
    return Item("tickets:in", raw, name)


def read(raw: bytes, name: str = "") -> Read:
    found = read_item(item(raw, name))
    assert isinstance(found, Read), found
    return found


def test_an_object_with_text_is_a_ticket_from_redis() -> None:
    found = read(b'{"text": "I was charged twice", "subject": "Invoice", "source": "mail"}')
    assert (found.ticket.body, found.ticket.subject, found.ticket.source) == (
        "I was charged twice",
        "Invoice",
        Source.REDIS,
    )


def test_the_key_is_the_objects_id_within_its_list() -> None:
    assert read(b'{"id": 17, "text": "a"}').key == "redis:tickets:in:17"


def test_an_object_without_id_in_a_list_is_known_by_its_bytes() -> None:
    assert read(b'{"text": "a"}').key == read(b'{"text": "a"}').key == content_key(item(b'{"text": "a"}'))
    assert read(b'{"text": "a"}').key != read(b'{"text": "b"}').key


def test_an_entry_of_a_stream_is_known_by_the_servers_name_for_it() -> None:
    first, second = read(b'{"text": "a"}', "1-0"), read(b'{"text": "a"}', "2-0")
    assert (first.key, second.key) == ("redis:tickets:in:1-0", "redis:tickets:in:2-0")


def test_an_object_over_several_lines_is_one_ticket() -> None:
    assert read(b'{\n  "text": "a"\n}').ticket.body == "a"


@pytest.mark.parametrize(
    "raw", [b"", b" ", b"hello", b"[1]", b"{", b"\xff\xfe", b'{"text": 1}', b'{"text": null}', b"null", b'{"txt": "a"}']
)
def test_what_is_no_ticket_has_a_reason(raw: bytes) -> None:
    found = read_item(item(raw))
    assert isinstance(found, Rejected)
    assert found.reason


@given(st.binary(max_size=200))
def test_any_bytes_are_a_ticket_or_have_a_reason_and_can_be_shown(raw: bytes) -> None:
    assert isinstance(read_item(item(raw)), (Read, Rejected))
    assert unreadable(item(raw)).source is Source.REDIS


def test_a_huge_item_is_shown_in_part() -> None:
    shown = unreadable(item(b"\xff" * 5_000_000)).body
    assert "more bytes are kept" in shown


@pytest.mark.parametrize("name", [b"data", b"json", b"payload", b"anything"])
def test_a_single_field_of_an_entry_holds_the_ticket(name: bytes) -> None:
    assert entry_bytes({name: b'{"text": "a"}'}) == b'{"text": "a"}'


def test_an_entrys_fields_may_be_those_of_a_ticket() -> None:
    raw = entry_bytes({b"text": "caf\u00e9".encode(), b"subject": b"\xff"})
    assert json.loads(raw) == {"text": "caf\u00e9", "subject": "\\xff"}


def test_a_source_without_list_and_stream_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        RawSettings(lists=(), streams=())
