import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ticket import Automated, Source, Ticket
from producers.files.jsonl import Rejected, Row, producer_key, read_rows, row_to_ticket
from producers.files.lines import MAX_LINE_BYTES, bounded_lines


def ticket_of(**values: Any) -> Ticket:
    made = row_to_ticket(Row(1, values))
    assert isinstance(made, Ticket), made
    return made


def reason_of(**values: Any) -> str:
    made = row_to_ticket(Row(1, values))
    assert isinstance(made, Rejected), made
    return made.reason


def only(raw: bytes) -> Row | Rejected:
    (row,) = read_rows([raw])
    return row


def test_rows_keep_the_number_of_their_line_and_blank_lines_are_skipped() -> None:
    rows = list(read_rows([b'{"text":"a"}\n', b"\n", b"   \r\n", b'{"text":"b"}']))
    assert rows == [Row(1, {"text": "a"}), Row(4, {"text": "b"})]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_row() -> None:
    assert only(b'\xef\xbb\xbf{"text":"a"}\r\n') == Row(1, {"text": "a"})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": "caf\xe9"}', "not UTF-8 (byte 0xe9 at column 14)"),
        (b"not json", "not JSON: Expecting value (column 1)"),
        (b"\x00\x00\x00", "not JSON: Expecting value (column 1)"),
        (b'{"text": "a\x00b"}', "not JSON: Invalid control character at (column 12)"),
        (b'["text"]', "not an object: each line has to be one {…}"),
        (b'"text"', "not an object: each line has to be one {…}"),
        (b"1" * 10_000, "not JSON that is taken: a number has thousands of digits"),
        (b"[" * 200_000, "not JSON that is taken: more than 100 brackets within one another"),
        (b'"' + b"x" * MAX_LINE_BYTES, f"the line is longer than {MAX_LINE_BYTES:,} bytes"),
    ],
)
def test_a_line_that_is_no_row_is_rejected_with_its_reason(raw: bytes, reason: str) -> None:
    assert only(raw) == Rejected(1, reason)


def test_a_line_that_never_ends_is_cut_and_the_next_one_still_read() -> None:
    file = io.BytesIO(b"x" * (3 * MAX_LINE_BYTES) + b'\n{"text":"next"}\n')
    rows = list(read_rows(bounded_lines(file)))
    assert rows == [Rejected(1, f"the line is longer than {MAX_LINE_BYTES:,} bytes"), Row(2, {"text": "next"})]


def test_a_line_just_at_the_bound_is_whole() -> None:
    line = b"x" * MAX_LINE_BYTES + b"\n"
    assert list(bounded_lines(io.BytesIO(line + b"y"))) == [line, b"y"]


def test_every_key_of_a_ticket_is_taken_and_others_are_ignored() -> None:
    ticket = ticket_of(
        id="row-1",
        text="my card was charged twice",
        subject="Help",
        source="chat",
        sender="ann@example.com",
        conversation="c1",
        received_at="2026-01-02T03:04:05Z",
        attachments=["a.pdf"],
        fields={"plan": "pro", "seats": 5, "vip": True, "none": None},
        automated="bounce",
        tenant="acme",
        lang="en",
        labels={"category": "billing"},
        tags=["x"],
    )
    assert (ticket.id, ticket.source, ticket.automated) == ("row-1", Source.CHAT, Automated.BOUNCE)
    assert ticket.body == "my card was charged twice"
    assert ticket.fields == {"plan": "pro", "seats": "5", "vip": "true"}
    assert ticket.received_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert ticket.attachments == ("a.pdf",)


def test_body_is_another_name_for_text_and_null_is_not_there() -> None:
    ticket = ticket_of(body="b", text=None, subject=None)
    assert (ticket.body, ticket.subject, ticket.source) == ("b", "", Source.FILE)


def test_an_empty_text_is_accepted() -> None:
    assert ticket_of(text="").body == ""


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({}, "there is no text"),
        ({"text": 5}, "body: "),
        ({"text": ["a"]}, "body: "),
        ({"text": "a", "source": "pigeon"}, "source: "),
        ({"text": "a", "received_at": "2026-01-02T03:04:05"}, "received_at: "),
        ({"text": "a", "received_at": float("nan")}, "received_at: "),
        ({"text": "a", "fields": {"x": {"y": 1}}}, "fields: "),
        ({"text": "a", "attachments": "a.pdf"}, "attachments: "),
        ({"text": "a", "id": 1.5}, "id: "),
        ({"text": "a", "id": True}, "id: "),
        ({"text": "a", "id": "x\n"}, "id: "),
        ({"text": "a", "id": "\ud800"}, "id: "),
        ({"text": "a", "id": "x" * 201}, "id: "),
        ({"text": "x" * 70_000}, "at most 65,536 are taken"),
    ],
)
def test_a_row_that_cannot_be_a_ticket_is_rejected_with_its_reason(values: dict[str, Any], part: str) -> None:
    assert part in reason_of(**values)


def test_a_row_id_that_is_no_ticket_id_still_names_the_row() -> None:
    row = Row(1, {"text": "a", "id": "order 7/2"})
    ticket = row_to_ticket(row)
    assert isinstance(ticket, Ticket)
    assert ticket.id.startswith("t")
    assert producer_key(row, ticket) == "file:order 7/2"


def test_a_number_is_an_id() -> None:
    row = Row(1, {"text": "a", "id": 7})
    ticket = row_to_ticket(row)
    assert isinstance(ticket, Ticket)
    assert (ticket.id, producer_key(row, ticket)) == ("7", "file:7")


def test_rows_without_id_are_named_by_their_content() -> None:
    keys = {producer_key(Row(n, {"text": "a"}), ticket_of(text="a")) for n in (1, 2)}
    assert len(keys) == 1
    assert keys.pop().startswith("sha256:")
    assert producer_key(Row(1, {"text": "b"}), ticket_of(text="b")) not in keys


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(raw: bytes) -> None:
    for row in read_rows(bounded_lines(io.BytesIO(raw))):
        assert isinstance(row, Rejected) or isinstance(row_to_ticket(row), (Ticket, Rejected))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
_KEYS = st.sampled_from(
    ["id", "text", "body", "subject", "source", "sender", "received_at", "attachments", "fields", "automated", "tenant"]
)


@given(st.dictionaries(_KEYS, _JSON | st.dictionaries(st.text(), _JSON, max_size=2)))
def test_no_values_make_the_row_raise_and_every_ticket_has_a_key_that_can_be_sent(values: dict[str, Any]) -> None:
    row = Row(1, json.loads(json.dumps(values)))
    made = row_to_ticket(row)
    if isinstance(made, Ticket):
        assert producer_key(row, made).encode()
