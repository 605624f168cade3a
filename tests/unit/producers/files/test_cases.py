"""Inputs made after public bug reports, each with what is right. They are no part of the repository."""

import io
from typing import Any

import pytest

from producers.api.models import NewTicket
from producers.api.reading import read_submission
from producers.files.formats import format_of
from producers.files.reading import Reading, read_file
from producers.files.rows import Found
from tests.support.rows import SHARED


def content(name: str) -> bytes:
    path = SHARED / "cases" / name
    if not path.is_file():
        pytest.skip(f"{path} is not here: the collected inputs are no part of the repository")
    return path.read_bytes()


def read(name: str) -> tuple[list[Found], list[str], list[str]]:
    """Answer the tickets, the reasons of what is none, and what was told."""
    raw, told = content(name), list[str]()
    file: Any = io.BytesIO(raw)
    found = list(read_file(io.BufferedReader(file), format_of(name, raw), name, Reading(), told.append))
    tickets = [item for item in found if isinstance(item, Found)]
    return tickets, [item.reason for item in found if not isinstance(item, Found)], told


@pytest.mark.parametrize(
    ("name", "tickets"),
    [
        ("040-jira-repeated-columns.csv", 2),
        ("041-zendesk-bom.csv", 2),
        ("042-excel-sep-line.csv", 2),
        ("043-freshdesk.csv", 1),
        ("044-mac-line-ends.csv", 2),
        ("046-excel-unicode-text.csv", 2),
        ("047-utf16-no-bom.csv", 2),
        ("048-helpdesk-odd-names.csv", 1),
        ("050-trailing-delimiters.csv", 3),
        ("055-from-in-body.mbox", 2),
        ("056-from-without-date.mbox", 3),
        ("058-no-blank-line-before-from.mbox", 2),
        ("059-chat-export.txt", 1),
        ("062-crlf-mixed.csv", 2),
        ("065-jsonl-u2028.jsonl", 2),
    ],
)
def test_each_message_of_a_file_is_a_ticket(name: str, tickets: int) -> None:
    found, reasons, _ = read(name)
    assert (len(found), reasons) == (tickets, [])


def test_jiras_own_dates_are_read_and_repeated_columns_are_kept() -> None:
    found, _, told = read("040-jira-repeated-columns.csv")
    assert [item.ticket.received_at.isoformat() for item in found] == [
        "2026-11-24T09:12:00+00:00",
        "2026-11-24T10:00:00+00:00",
    ]
    assert found[0].ticket.fields["Labels"] == "print; urgent"
    assert not any("not understood" in text for text in told)


def test_the_column_tells_that_the_month_is_first() -> None:
    (found,), _, _ = read("048-helpdesk-odd-names.csv")
    assert found.ticket.received_at.isoformat() == "2026-11-24T09:12:00+00:00"


def test_odd_lines_of_json_are_tickets_or_have_a_reason_each() -> None:
    found, reasons, _ = read("053-jsonl-odd.jsonl")
    assert [item.ticket.body for item in found] == [
        "cut emoji \N{REPLACEMENT CHARACTER} here",
        "null byte  here",
        "big id",
        "null id",
    ]
    assert len(reasons) == 6
    assert "a name stands twice in one object" in reasons


def test_a_raw_control_letter_in_json_is_a_reason() -> None:
    found, reasons, _ = read("054-jsonl-unicode-lines.jsonl")
    assert len(found) + len(reasons) == 2


def test_a_very_long_cell_is_a_ticket_or_a_reason() -> None:
    found, reasons, _ = read("061-long-field.csv")
    assert len(found) == 1
    assert reasons == ["subject and body have 158,003 bytes; at most 65,536 are taken"]


def test_half_an_emoji_over_http_is_accepted_as_from_a_file() -> None:
    made = read_submission(content("079-http-lone-surrogate.json"))
    assert isinstance(made, NewTicket)
    assert made.text == "the kettle sparks \N{REPLACEMENT CHARACTER} please help"
