"""Dumps in the shapes that help desks give them; invented, each after its vendor's documentation."""

import io
import json
from typing import Any

import pytest

from producers.files.formats import Format
from producers.files.reading import Reading, read_file
from producers.files.rows import Found

ADF = {
    "type": "doc",
    "version": 1,
    "content": [
        {
            "type": "paragraph",
            "content": [{"type": "text", "text": "VPN drops; "}, {"type": "text", "text": "code 809"}],
        },
        {"type": "paragraph", "content": [{"type": "text", "text": "since Monday"}]},
    ],
}
ZENDESK = {"count": 1, "tickets": [{"id": 7, "subject": "Refund", "description": "I want it back", "requester_id": 3}]}
FRESHDESK = [{"id": 7, "subject": "Refund", "description": "<p>back</p>", "description_text": "I want it back"}]
WRAPPED = [{"helpdesk_ticket": {"display_id": 7, "subject": "Refund", "description": "I want it back"}}]
JIRA = {"total": 1, "issues": [{"id": "9", "key": "HD-7", "fields": {"summary": "Refund", "description": ADF}}]}
HUBSPOT = {"results": [{"id": "7", "properties": {"subject": "Refund", "content": "I want it back"}}]}
INTERCOM = {
    "type": "conversation.list",
    "conversations": [
        {
            "id": "7",
            "created_at": 1767625440,
            "source": {
                "subject": "Refund",
                "body": "I want it back",
                "author": {"type": "user", "email": "ann@x.example"},
            },
        }
    ],
}
SERVICE_NOW = {"records": [{"number": "INC7", "short_description": "Refund", "description": "I want it back"}]}


def read(value: Any) -> tuple[list[Any], list[str]]:
    told: list[str] = []
    file: Any = io.BytesIO(json.dumps(value, indent=2).encode())
    return list(read_file(io.BufferedReader(file), Format.JSONL, "a.json", Reading(), told.append)), told


@pytest.mark.parametrize(
    ("dump", "body"),
    [
        (ZENDESK, "I want it back"),
        (FRESHDESK, "I want it back"),
        (WRAPPED, "I want it back"),
        (JIRA, "VPN drops; code 809\nsince Monday"),
        (HUBSPOT, "I want it back"),
        (INTERCOM, "I want it back"),
        (SERVICE_NOW, "I want it back"),
    ],
)
def test_dumps_of_help_desks_are_read_and_it_is_told_how(dump: Any, body: str) -> None:
    (found,), told = read(dump)
    assert isinstance(found, Found), found
    assert (found.ticket.subject, found.ticket.body) == ("Refund", body)
    assert found.key.endswith("7") or found.key == "file:9"
    assert len(told) == 1
    assert "guessed" in told[0]


def test_people_and_times_inside_of_a_dump_are_found() -> None:
    (found,), _ = read(INTERCOM)
    assert found.ticket.sender == "ann@x.example"
    assert found.ticket.received_at.isoformat() == "2026-01-05T15:04:00+00:00"


def test_a_time_that_is_not_understood_is_told_once() -> None:
    rows = [{"description": "a b", "subject": "s", "created_at": "lately"}] * 3
    found, told = read(rows)
    assert len(found) == 3
    assert sum("received_at: not understood" in text for text in told) == 1


def test_an_object_without_words_of_ours_is_told_as_ever() -> None:
    (found,), told = read([{"colour": "red", "size": 5}])
    assert "there is no text" in found.reason
    assert not told
