"""JSON lines: one object a line, one ticket an object. Bad lines are answered, never raised."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, Ticket, make_ticket
from producers.files.lines import MAX_LINE_BYTES
from producers.json_reader import JsonError, read_json
from producers.rejection import Rejected

__all__ = ["Rejected", "Row", "producer_key", "read_rows", "row_to_ticket"]

MAX_ID = 200
_TICKET_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TAKEN = frozenset(
    {
        "tenant",
        "source",
        "subject",
        "quoted",
        "signature",
        "sender",
        "conversation",
        "received_at",
        "attachments",
        "fields",
        "automated",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """An object of the file, not yet checked; `line` counts from 1."""

    line: int
    values: dict[str, Any]


def read_rows(lines: Iterable[bytes]) -> Iterator[Row | Rejected]:
    """Parse lines one by one; blank ones are skipped, a byte order mark is too."""
    for number, raw in enumerate(lines, start=1):
        if len(raw) > MAX_LINE_BYTES:
            yield Rejected(number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            continue
        content = raw.removeprefix(b"\xef\xbb\xbf").strip()
        if content:
            yield _parse(number, content)


def row_to_ticket(row: Row) -> Ticket | Rejected:
    """Make a ticket of `text` (or `body`) and the optional keys of a ticket; other keys are ignored.

    The row's `id` becomes the ticket's, where it is fit for one.
    """
    given = row.values
    text = given.get("text")
    if text is None:
        text = given.get("body")
    if text is None:
        return Rejected(row.line, "there is no text: a row needs a string under 'text' or 'body'")
    values = {name: value for name, value in given.items() if name in _TAKEN and value is not None}
    values.setdefault("source", Source.FILE)
    values["body"] = text
    try:
        row_id = _row_id(row)
        if row_id and _TICKET_ID.fullmatch(row_id):
            values["id"] = row_id
        if isinstance(values.get("fields"), dict):
            values["fields"] = {name: _scalar(value) for name, value in values["fields"].items() if value is not None}
        return make_ticket(**values)
    except InvalidTicketError as error:
        return Rejected(row.line, str(error))


def producer_key(row: Row, ticket: Ticket) -> str:
    """Name the row so that a second submission is recognised: by its id, or else by its content."""
    row_id = _row_id(row)
    return f"file:{row_id}" if row_id else f"sha256:{ticket.fingerprint()}"


def _parse(number: int, content: bytes) -> Row | Rejected:
    try:
        value = read_json(content)
    except JsonError as error:
        return Rejected(number, str(error))
    if not isinstance(value, dict):
        return Rejected(number, "not an object: each line has to be one {…}")
    return Row(number, value)


def _row_id(row: Row) -> str:
    value = row.values.get("id")
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidTicketError("id: a string or a whole number is needed")
    text = str(value)
    if len(text) > MAX_ID or not text.isprintable():
        raise InvalidTicketError(f"id: at most {MAX_ID} printable characters are taken")
    return text


def _scalar(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value
