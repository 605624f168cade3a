"""Calendar files: what an invitation says, as text."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, make_ticket
from producers.mail.charsets import decode
from producers.mail.mail_ticket import MAX_TEXT, MailTicket
from producers.mail.mime.bounds import cleaned, cut
from producers.rejection import Rejected

MAX_CALENDAR_BYTES = 1024 * 1024
_MAX_ENTRIES = 20
_MAX_NOTE = 300

_KINDS = {
    "VEVENT": "Event",
    "VTODO": "Task",
    "VJOURNAL": "Journal entry",
    "VFREEBUSY": "Free or busy",
    "VALARM": "Alarm",
}
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time proposed",
    "ADD": "Added",
}
_FIELDS = {
    "STATUS": "Status",
    "DUE": "Due",
    "FREEBUSY": "Periods",
    "RRULE": "Repeats",
    "LOCATION": "Where",
    "ORGANIZER": "Organiser",
    "ATTENDEE": "Attendees",
    "URL": "Link",
    "COMMENT": "Comment",
    "DESCRIPTION": "Description",
}
_MANY = ("ATTENDEE", "FREEBUSY", "COMMENT", "DESCRIPTION")
_MAX_VALUES = 20
_LINE = re.compile(
    r"(BEGIN|SUMMARY|DTSTART|DTEND|LOCATION|DESCRIPTION|ORGANIZER)(?:;[^:\n]{0,500})?:(.*)", re.IGNORECASE
)


def read_calendar(raw: bytes, *, now: datetime | None = None) -> MailTicket | Rejected:
    """Make a ticket of a calendar file; one in which nothing is planned is rejected."""
    text = calendar_text(raw)
    if not text:
        return Rejected(1, "the calendar holds no event, task, journal entry or alarm that says anything")
    subject = text.split("\n", 1)[0][:_MAX_NOTE]
    try:
        ticket = make_ticket(
            source=Source.FILE, subject=subject, body=cut(text, MAX_TEXT), received_at=now or datetime.now(UTC)
        )
    except InvalidTicketError as error:
        return Rejected(1, str(error))
    return MailTicket(ticket, f"sha256:{sha256(raw).hexdigest()}")


def calendar_text(raw: bytes) -> str:
    """Say what a calendar file plans; empty where it plans nothing. Never raises."""
    raw = raw[:MAX_CALENDAR_BYTES]
    entries = list(_entries(raw))
    if not entries:
        return cleaned(_raw_text(raw)).strip()
    shown = ["\n".join(lines) for lines in entries[:_MAX_ENTRIES]]
    if len(entries) > _MAX_ENTRIES:
        shown.append(f"[… {len(entries) - _MAX_ENTRIES:,} more entries were left out here …]")
    return cleaned("\n\n".join(shown)).strip()


def short_note(raw: bytes) -> str:
    """Say in one line what the first entry plans."""
    return " ".join(", ".join(calendar_text(raw).split("\n")[:3]).split())[:_MAX_NOTE]


def _entries(raw: bytes) -> Iterator[list[str]]:
    from icalendar import Component  # costs start-up time, and few mails need it

    try:
        calendars = list(Component.from_ical(decode(raw, "utf-8"), multiple=True))
        for calendar in calendars:
            method = str(calendar.get("METHOD", "")).upper()
            for part in calendar.walk():
                if part.name in _KINDS and (part.name != "VALARM" or len(calendar.walk()) == 1):
                    yield list(_described(part, _METHODS.get(method, "")))
    except Exception:  # noqa: BLE001 - broken files make the library raise nearly anything; the raw lines then speak
        return


def _described(part: Any, method: str) -> Iterator[str]:
    kind = _KINDS.get(str(part.name), "")
    yield f"{method or kind}: {part.get('SUMMARY', '')}".rstrip(": ")
    when = " to ".join(text for name in ("DTSTART", "DTEND") if (text := _value(part.get(name))))
    if when:
        yield f"When: {when}"
    for name, label in _FIELDS.items():
        found = part.get(name)
        values = found if isinstance(found, list) else [found]
        if text := (", " if name not in _MANY[2:] else "\n").join(filter(None, map(_value, values[:_MAX_VALUES]))):
            yield f"{label}: {text}"


def _value(value: Any) -> str:
    if value is None:
        return ""
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".rstrip()
    if isinstance(moment, date):
        return moment.isoformat()
    name = str(getattr(value, "params", {}).get("CN", ""))
    if hasattr(value, "to_ical") and not isinstance(value, str):
        value = decode(value.to_ical(), "utf-8")
    text = re.sub(r"^mailto:", "", str(value), flags=re.IGNORECASE)
    return f"{name} <{text}>" if name and name != text else text


def _raw_text(raw: bytes) -> str:
    """Read the lines that say something, without a grammar."""
    lines = re.sub(r"\r?\n[ \t]", "", decode(raw, "utf-8")).splitlines()
    found = [match.groups() for line in lines if (match := _LINE.match(line))]
    if not any(name.upper() == "BEGIN" and value.strip().upper() in _KINDS for name, value in found):
        return ""
    return "\n".join(
        f"{name.capitalize()}: {value.strip()}" for name, value in found if name.upper() != "BEGIN" and value.strip()
    )
