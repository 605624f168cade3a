"""One rule for JSON from strangers, and that each source keeps to it."""

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, Ticket, make_ticket
from producers.api.errors import ApiError
from producers.api.models import Batch, NewTicket
from producers.api.reading import read_submission
from producers.files.jsonl import Row, read_rows, row_to_ticket
from producers.json_reader import MAX_DEPTH, JsonError, read_json
from producers.raw.item import Item, Read, read_item
from producers.rejection import Rejected
from producers.webhooks.messages.schema import EVENT, Created
from producers.webhooks.request.posted import parse_json


def from_file(raw: bytes) -> Ticket | str:
    (row,) = read_rows([raw])
    made = row_to_ticket(row) if isinstance(row, Row) else row
    return made.reason if isinstance(made, Rejected) else made


def from_api(raw: bytes) -> Ticket | str:
    try:
        made = read_submission(raw)
    except ApiError as error:
        return error.detail.message
    assert isinstance(made, NewTicket)
    return made.to_ticket("default")


def from_redis(raw: bytes) -> Ticket | str:
    made = read_item(Item("list", raw))
    return made.ticket if isinstance(made, Read) else made.reason


def from_webhook(raw: bytes) -> Ticket | str:
    try:
        return make_ticket(source=Source.HTTP, body=parse_json(raw)["text"])
    except InvalidTicketError as error:
        return str(error)


SOURCES = pytest.mark.parametrize("source", [from_file, from_api, from_redis, from_webhook])


@SOURCES
@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (rb'{"text": "thumbs up \ud83d end"}', "thumbs up \N{REPLACEMENT CHARACTER} end"),
        (rb'{"text": "\udc4d first"}', "\N{REPLACEMENT CHARACTER} first"),
        (rb'{"text": "whole \ud83d\udc4d"}', "whole \U0001f44d"),
        (rb'{"text": "a\u0000b"}', "ab"),
        (
            b'{"text": "by halves \xed\xa0\xbd\xed\xb1\x8d, one \xed\xa0\xbd"}',
            "by halves \U0001f44d, one \N{REPLACEMENT CHARACTER}",
        ),
        (b'\xef\xbb\xbf{"text": "marked"}', "marked"),
        (
            b'{"text": "nothing beside", "subject": null, "fields": {"plan": null}, "received_at": null}',
            "nothing beside",
        ),
        (b'{"text": "line\xe2\x80\xa8separator"}', "line\u2028separator"),
    ],
)
def test_every_source_of_json_reads_the_same_of_odd_texts(source: Any, raw: bytes, body: str) -> None:
    made = source(raw)
    assert isinstance(made, Ticket), made
    assert made.body == body
    assert not made.fields


@SOURCES
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": "a", "text": "b"}', "a name stands twice in one object"),
        (rb'{"text": "a", "te\u0000xt": "b"}', "a name stands twice in one object"),
        (b'{"text": "a", "fields": {"x": "1", "x": "2"}}', "a name stands twice in one object"),
        (b'{"text": "a", "n": NaN}', "not JSON: NaN is no number"),
        (b'{"text": "a", "n": -Infinity}', "not JSON: -Infinity is no number"),
        (b'{"text": "a", "n": 1e999}', "a number is too large"),
        (b'{"text": "a", "n": ' + b"1" * 5_000 + b"}", "a number has thousands of digits"),
        (b'{"text": ' + b"[" * 200 + b"]" * 200 + b"}", f"more than {MAX_DEPTH} brackets"),
        (b'{"text": "caf\xe9"}', "not UTF-8 (byte 0xe9 at column 14)"),
        (b'{"text": "a\x01b"}', "not JSON: Invalid control character at"),
        (b'{"text": [' + b"0," * 500_000 + b"0]}", "more than 500,000 values"),
    ],
)
def test_every_source_of_json_refuses_the_same_and_says_why(source: Any, raw: bytes, reason: str) -> None:
    assert reason in source(raw)


def test_brackets_and_commas_inside_of_a_string_are_words() -> None:
    words = r"\"[{," * 200_000
    assert read_json(b'{"text": "' + words.encode() + b'"}') == {"text": words.replace("\\", "")}


@pytest.mark.parametrize("raw", [b'"' + b'\\"' * 400_000 + b"[" * 101, b'"' + b"[" * 400_000, b'["' * 200_000])
def test_a_hostile_text_costs_time_in_proportion_only(raw: bytes) -> None:
    began = time.process_time()
    with pytest.raises(JsonError):
        read_json(raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"tickets":[' + b"1," * 400_000 + b"1]}",
        b'{"text":"a","attachments":[' + b"1," * 400_000 + b"1]}",
        json.dumps({"text": "a", "fields": {str(n): n for n in range(100_000)}}).encode(),
        json.dumps({"text": "a"} | {str(n): n for n in range(100_000)}).encode(),
    ],
)
def test_a_long_list_is_refused_at_its_length_and_not_once_an_item(body: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ApiError) as refused:
        read_submission(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(refused.value.detail.fields or []), refused.value.status] == [1, 422]
    assert "must have at most" in (refused.value.detail.fields or [])[0].message
    assert peak < 40_000_000


def test_a_long_list_in_a_row_of_a_file_is_one_fault() -> None:
    assert from_file(b'{"text":"a","attachments":[' + b"1," * 400_000 + b"1]}") == (
        "attachments: must have at most 100 entries, and has 400,001"
    )


def test_a_batch_keeps_its_order_and_null_counts_as_absent_in_each() -> None:
    made = read_submission(b'{"tickets": [{"text": "a", "id": null}, {"text": "b", "lane": null}]}')
    assert isinstance(made, Batch)
    assert [new.text for new in made.tickets] == ["a", "b"]


def test_what_is_needed_may_not_be_null() -> None:
    assert from_api(b'{"text": null}') == "some fields are wrong"


def test_a_chat_message_may_say_null_for_what_it_leaves_out() -> None:
    data = {"id": "1", "conversation": "c", "text": "hi", "author": None, "sent_at": None, "attachments": None}
    event = EVENT.validate_json(json.dumps({"type": "message.created", "data": data}))
    assert isinstance(event, Created)
    assert (event.data.author, event.data.attachments) == ("", [])


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except JsonError:
        return
    json.dumps(value, ensure_ascii=False).encode()
