import csv
import io
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.files.jsonl import Row
from producers.files.tables.dates import read_moment
from producers.files.tables.records import MAX_FIELD
from producers.files.tables.table import read_table
from producers.rejection import Rejected


def read(content: bytes | str, **wanted: str) -> list[Row | Rejected]:
    raw = content.encode() if isinstance(content, str) else content
    names = {name.replace("__", "."): column for name, column in wanted.items()}
    return list(read_table(io.BufferedReader(io.BytesIO(raw)), names, lambda _: None))


def values(content: bytes | str, **wanted: str) -> list[dict[str, Any]]:
    found = read(content, **wanted)
    assert all(isinstance(row, Row) for row in found), found
    return [row.values for row in found if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Key,Summary,Description,Reporter,Created", {"id", "subject", "body", "sender", "received_at"}),
        ("Ticket ID,Subject,Body,Requester Email,Created At", {"id", "subject", "body", "sender", "received_at"}),
        ("Number,Short description,Description,Caller,Opened", {"id", "subject", "body", "sender", "received_at"}),
        ("#,Title,Message,From", {"subject", "body", "sender"}),
        ("utterance,intent", {"body"}),
        ("Betreff,Beschreibung", {"subject", "body"}),
        ("whatever", {"body"}),
    ],
)
def test_columns_of_help_desks_are_guessed(header: str, fields: set[str]) -> None:
    cells = ",".join("2026-11-24" for _ in header.split(","))
    (row,) = values(f"{header}\n{cells}\n")
    assert set(row) - {"fields"} == fields


def test_what_was_guessed_is_told() -> None:
    heard: list[str] = []
    file: Any = io.BufferedReader(io.BytesIO(b"Key;Description;Plan\n1;words;pro\n"))
    list(read_table(file, {"fields.plan": "Plan"}, heard.append))
    assert heard == [
        "fields.plan = Plan, body = Description, id = Key; delimiter ; (guessed: body, id; --map says otherwise)"
    ]


def test_columns_can_be_named_and_left_out() -> None:
    content = "Key,Description,Notes,Plan\n1,long,short,pro\n"
    assert values(content, body="notes", id="", fields__plan="Plan") == [
        {"body": "short", "fields": {"plan": "pro", "Key": "1", "Description": "long"}}
    ]


def test_columns_that_hold_no_field_of_ours_are_kept_as_fields_and_told() -> None:
    heard: list[str] = []
    content = b"id,body,Plan,Tag,Tag,,Empty\n1,words,pro,a,b,c,\n"
    file: Any = io.BufferedReader(io.BytesIO(content))
    (row,) = read_table(file, {}, heard.append)
    assert isinstance(row, Row)
    assert row.values["fields"] == {"Plan": "pro", "Tag": "a; b", "column 6": "c"}
    assert "kept as fields: Plan, Tag" in heard[0]


def test_more_fields_than_a_ticket_has_and_longer_ones_stand_in_the_body() -> None:
    names = ",".join(f"c{number}" for number in range(60))
    (row,) = values(f"body,{names},log\nwords,{','.join('x' * 60)},{'long ' * 300}\n")
    assert len(row["fields"]) == 50
    assert "c59: x" in row["body"]
    assert "log: long long" in row["body"]


def test_words_in_another_column_are_the_body_where_the_usual_one_is_empty() -> None:
    (row,) = values("id,description,problem\n1,,my kettle sparks\n")
    assert row["body"] == "my kettle sparks"
    (row,) = values("id,description,Story\n1,,my kettle sparks\n")
    assert row["body"] == "my kettle sparks"


def test_extra_fields_that_are_empty_are_no_fields() -> None:
    assert [row["body"] for row in values("id,body\n1,a,,\n2,b\n")] == ["a", "b"]
    assert isinstance(read("id,body\n1,a,,x\n")[0], Rejected)


def test_the_whole_column_says_whether_days_or_months_are_first() -> None:
    rows = values("id,body,Created\n1,a,03/04/2026\n2,b,25/04/2026\n3,c,5/4/26 9:00\n")
    assert [str(row["received_at"])[:10] for row in rows] == ["2026-04-03", "2026-04-25", "2026-04-05"]
    rows = values("id;body;Created\n1;a;03/04/2026\n")
    assert str(rows[0]["received_at"])[:10] == "2026-04-03"


def test_dates_that_are_not_understood_are_counted_and_told() -> None:
    heard: list[str] = []
    file: Any = io.BufferedReader(io.BytesIO(b"text,Created\na,2026-01-01\nb,lately\nc,soon\n"))
    assert len(list(read_table(file, {}, heard.append))) == 3
    assert heard[-1].startswith("received_at: 2 of 3 not understood")


@pytest.mark.parametrize(
    ("content", "wanted"), [("Key,Colour\n1,red\n", {}), ("Key,Description\n1,words\n", {"body": "Nowhere"})]
)
def test_a_table_whose_text_is_not_found_says_which_columns_it_has(content: str, wanted: dict[str, str]) -> None:
    (rejected,) = read(content, **wanted)
    assert isinstance(rejected, Rejected)
    assert "its columns: Key, " in rejected.reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_though_texts_hold_others(delimiter: str) -> None:
    rows = [["id", "text"], ["1", "well, that; is | odd\tno?"], ["2", "a, b, c; d"], ["3", "x"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert [row["body"] for row in values(out.getvalue())] == [row[1] for row in rows[1:]]


def test_a_spreadsheet_may_name_the_delimiter() -> None:
    assert read("sep=;\nid;text\n1;a,b\n") == [Row(3, {"body": "a,b", "id": "1"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_charset_is_found(encoding: str) -> None:
    text = "Schöne Grüße, ich möchte kündigen"
    assert values(f"id;text\n1;{text}\n".encode(encoding))[0]["body"] == text


def test_a_letter_that_is_no_utf_8_far_down_costs_no_row() -> None:
    content = b"id,text\n" + b"1,words\n" * 20_000 + "2,Gr\xfc\xdfe\n".encode("cp1252") + "3,Grüße\n".encode()
    assert [row["body"] for row in values(content)[-2:]] == ["Grüße", "Grüße"]


def test_lines_are_those_at_which_a_row_begins_and_ragged_rows_are_rejected() -> None:
    found = read('id,text\n1,"two\nlines"\n2,too,many\n3\n\n4,fine\n')
    assert [(row.line, isinstance(row, Row)) for row in found] == [(2, True), (4, False), (5, False), (7, True)]
    assert next(row.reason for row in found if isinstance(row, Rejected)) == "the row has 3 fields, the header 2"


def test_a_quote_that_never_ends_is_told_where_it_begins() -> None:
    found = read('id,text\n1,fine\n2,"never\n' + "4,kept\n" * 100)
    assert [(row.line, isinstance(row, Row)) for row in found[:3]] == [(2, True), (3, False), (4, True)]
    assert len(found) == 102


def test_a_field_of_any_size_fills_no_memory_and_the_rest_is_read() -> None:
    found = read(b"id,text\n1," + b"x" * (6 * MAX_FIELD) + b"\n2,fine\n")
    assert isinstance(found[0], Rejected)
    assert found[-1] == Row(3, {"body": "fine", "id": "2"})


def test_a_date_that_was_guessed_may_be_unreadable_one_that_was_named_not() -> None:
    content = "text,Created\nwords,yesterday\n"
    assert values(content) == [{"body": "words"}]
    assert isinstance(read(content, received_at="Created")[0], Rejected)


@pytest.mark.parametrize("text", ["2026-11-24 08:00", "2026-11-24T08:00:00Z", "Tue, 24 Nov 2026 09:00:00 +0100"])
def test_moments_are_read_and_without_a_zone_are_utc(text: str) -> None:
    assert read_moment(text) == datetime(2026, 11, 24, 8, tzinfo=UTC)


@given(st.binary(max_size=300))
def test_any_bytes_are_answered_and_never_raised(raw: bytes) -> None:
    assert all(isinstance(row, Row | Rejected) for row in read(raw))
    assert all(isinstance(row, Row | Rejected) for row in read(b"id,text\n" + raw))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).map(str.strip).filter(bool)))
def test_what_a_writer_quotes_is_read_back(texts: list[str]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows([str(number), text] for number, text in enumerate(texts))
    assert [row["body"] for row in values(out.getvalue())] == texts


@pytest.mark.parametrize(
    ("content", "bodies"),
    [
        ('id,body\n1,"left open\n2,b\n3,c\n', ["-", "b", "c"]),
        ('id,body\n1,"left open\n2,b\n3,"also\n4,d\n', ["-", "b", "-", "d"]),
        ('id,body,x\n1,"left open,1\n2,b,"y"\n3,c,z\n', ["-", "b", "c"]),
        ('id,body\n1,"He said "hello" to me"\n2,b\n', ['He said "hello" to me', "b"]),
        ('id,body\n1,"He said\n"hello" to me"\n2,b\n', ['He said\n"hello" to me', "b"]),
        ('id,body\n1,"say ""hi"" ""there"""\n2,5" disk\n', ['say "hi" "there"', '5" disk']),
        ('id,body\n1,"spaced" ,\n2,b\n', ["spaced", "b"]),
        ('id\tbody\n1\t"left open\n2\tb\n', ['"left open', "b"]),
        ('id\tbody\n1\t"left open\n2\tsay "hi"\n', ['"left open', 'say "hi"']),
        ('id\tbody\tx\n1\t"two\nlines"\ty\n2\tb\tz\n', ["two\nlines", "b"]),
    ],
)
def test_a_quote_left_open_costs_one_row_and_quotes_in_a_text_are_kept(content: str, bodies: list[str]) -> None:
    assert [row.values["body"] if isinstance(row, Row) else "-" for row in read(content)] == bodies


def test_a_row_behind_an_open_quote_knows_its_line() -> None:
    assert [row.line for row in read('id,body\n1,"open\n2,"two\nlines"\n3,c\n')] == [2, 3, 5]


def test_many_open_quotes_cost_time_in_proportion_only() -> None:
    began = time.process_time()
    read("id,body\n" + 'a","b\n' * 10_000)
    assert time.process_time() - began < 5
