"""JSON that is not one object a line: arrays, dumps of help desks, pretty-printed objects."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.files.json_file import read_json_file
from producers.files.jsonl import Row
from producers.files.lines import MAX_LINE_BYTES
from producers.rejection import Rejected


def read(raw: bytes) -> list[Row | Rejected]:
    file: Any = io.BytesIO(raw)
    return list(read_json_file(io.BufferedReader(file)))


def texts(raw: bytes) -> list[Any]:
    return [row.values.get("text") if isinstance(row, Row) else row.reason for row in read(raw)]


TWO = [{"text": "a", "note": "[{"}, {"text": 'b "}" \\', "items": [{"sku": 1}]}]
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in TWO)


@pytest.mark.parametrize(
    "raw",
    [
        json.dumps(TWO).encode(),
        json.dumps(TWO, indent=2).encode(),
        b"\xef\xbb\xbf\n" + json.dumps(TWO, indent=2).replace("\n", "\r\n").encode(),
        b"[\n" + LINES.replace(b"}\n", b"},\n", 1) + b"]\n",
        json.dumps({"tickets": TWO}).encode(),
        json.dumps({"count": 2, "users": [{"id": 1}], "issues": TWO}, indent=2).encode(),
        json.dumps({"data": TWO, "next": None}).encode(),
        json.dumps(TWO[0], indent=2).encode() + b"\n" + json.dumps(TWO[1], indent=2).encode(),
        json.dumps({"tickets": TWO[:1]}).encode() + b"\n" + json.dumps({"tickets": TWO[1:]}).encode(),
        LINES,
    ],
)
def test_tickets_are_read_whatever_stands_around_them(raw: bytes) -> None:
    assert texts(raw) == ["a", 'b "}" \\']


def test_a_ticket_knows_the_line_it_stands_at() -> None:
    assert [row.line for row in read(json.dumps({"tickets": TWO}, indent=2).encode())] == [3, 7]
    assert [row.line for row in read(json.dumps(TWO[0], indent=1).encode())] == [1]


def test_a_ticket_that_lists_items_is_no_dump() -> None:
    assert texts(json.dumps({"items": [{"sku": 1}], "text": "a"}, indent=1).encode()) == ["a"]


@pytest.mark.parametrize("indent", [None, 1])
def test_an_entry_that_is_refused_costs_itself_only(indent: int | None) -> None:
    odd = '{"text": "a", "text": "b"}, {"text": "n", "n": NaN}'
    raw = json.dumps({"tickets": ["ODD", *TWO, 5, "x"]}, indent=indent).replace('"ODD"', odd).encode()
    assert texts(raw) == [
        "a name stands twice in one object",
        "not JSON: NaN is no number of JSON",
        "a",
        'b "}" \\',
        "2 entries of a list are no objects: a ticket is one {…}",
    ]


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        (json.dumps(TWO).encode()[:-1], "ends in the middle"),
        (json.dumps(TWO, indent=1).encode()[:-20], "ends in the middle"),
        (b'[{"text": "a"}, {"text": b}]', "not JSON: Expecting value"),
        (b'{"tickets": [\n{"text": "\xff"}]}', "not UTF-8"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b'{\n "count": 1,\n "answer": {"users": []}\n}', "there is no"),
    ],
)
def test_a_broken_document_is_one_rejection_and_not_one_a_line(raw: bytes, last: str) -> None:
    *rows, end = read(raw)
    assert all(isinstance(row, Row) for row in rows)
    if isinstance(end, Rejected):
        assert last in end.reason
        assert "jq -c '.[]'" in end.reason
    else:
        assert last == "there is no"


@pytest.mark.parametrize("broken", [b'{"text": "a\n', b'{"text": "a",\n', b'{"text": 1\n', b"{\n", b'{"text": nul}\n'])
def test_a_broken_first_line_of_json_lines_costs_that_line_only(broken: bytes) -> None:
    first, *rows = read(broken + LINES)
    assert isinstance(first, Rejected)
    assert len(rows) == 2


def test_a_first_line_that_is_too_long_costs_that_line_only() -> None:
    first, *rows = read(b'{"text": "' + b"x" * (3 * MAX_LINE_BYTES) + b'"}\n' + LINES)
    assert isinstance(first, Rejected)
    assert [row.line for row in rows] == [2, 3]


class _Dump(io.RawIOBase):
    """A dump of many megabytes that is nowhere as a whole."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = next(self._pieces, b"")
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("start", [b"[", b'{"count": 1, "users": [{"name": "a"}], "tickets": ['])
def test_a_dump_in_one_line_is_read_with_bounded_memory(start: bytes) -> None:
    def pieces() -> Iterator[bytes]:
        yield start
        for _ in range(3_000):
            yield b'{"text": "' + b"x" * 7_000 + b'"},'
        yield b'{"text": "end"}' + (b"]}" if start != b"[" else b"]")

    dump: Any = _Dump(pieces())
    tracemalloc.start()
    number = sum(isinstance(row, Row) for row in read_json_file(io.BufferedReader(dump)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == 3_001
    assert peak < 20_000_000


def test_an_entry_larger_than_a_ticket_may_be_is_told() -> None:
    raw = json.dumps([{"text": "x" * 2 * MAX_LINE_BYTES}, {"text": "b"}]).encode()
    (end,) = read(raw)
    assert isinstance(end, Rejected)
    assert "is longer than" in end.reason


@given(st.binary(max_size=60) | st.text('[]{}",: \n\\atickets1', max_size=60).map(str.encode))
def test_any_bytes_are_answered_and_never_raised(raw: bytes) -> None:
    for start in (b"", b"[", b"{\n"):
        assert all(isinstance(row, Row | Rejected) for row in read(start + raw))
