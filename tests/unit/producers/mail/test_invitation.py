from datetime import UTC, datetime

import pytest

from fleet.ticket import Source
from producers.mail.invitation import calendar_text, read_calendar
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from producers.rejection import Rejected

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Review\\, part two
DTSTART:20240101T100000Z
DTEND:20240101T110000Z
LOCATION:Room 5
ORGANIZER;CN=Ben:mailto:ben@example.com
ATTENDEE;CN=Ann:mailto:ann@example.com
ATTENDEE:mailto:cy@example.com
DESCRIPTION:Bring\\nnumbers
BEGIN:VALARM
DESCRIPTION:reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""
TEXT = """Invitation: Review, part two
When: 2024-01-01 10:00 UTC to 2024-01-01 11:00 UTC
Where: Room 5
Organiser: Ben <ben@example.com>
Attendees: Ann <ann@example.com>, cy@example.com
Description: Bring
numbers"""


def mail(*parts: str) -> MailTicket:
    body = "".join(f"--B\n{part}\n" for part in parts)
    made = read_mail(f"Subject: x\nContent-Type: multipart/mixed; boundary=B\n\n{body}--B--\n".encode(), now=NOW)
    assert isinstance(made, MailTicket)
    return made


def test_an_invitation_is_told_as_text() -> None:
    found = read_calendar(EVENT.encode(), now=NOW)
    assert isinstance(found, MailTicket)
    assert (found.ticket.source, found.ticket.body) == (Source.FILE, TEXT)
    assert found.ticket.subject == "Invitation: Review, part two"


def test_a_mail_that_only_invites_says_what_the_invitation_says() -> None:
    assert mail(f"Content-Type: text/calendar; method=REQUEST\n\n{EVENT}").ticket.body == TEXT


def test_beside_other_words_an_invitation_is_a_note() -> None:
    found = mail(
        "Content-Type: text/plain\n\nCan you come?",
        f"Content-Type: text/calendar; name=invite.ics\n\n{EVENT}",
    ).ticket
    assert found.body == "Can you come?"
    (note,) = found.attachments
    assert note.startswith("invite.ics (text/calendar, ")
    assert note.endswith(
        ": Invitation: Review, part two, When: 2024-01-01 10:00 UTC to 2024-01-01 11:00 UTC, Where: Room 5"
    )


def test_broken_calendars_are_read_line_by_line() -> None:
    assert (
        calendar_text(b"BEGIN:VEVENT\nSUMMARY;:half\n folded\nDTSTART:never\n") == "Summary: halffolded\nDtstart: never"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"BEGIN:VCALENDAR\nEND:VCALENDAR",
        b"BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE",
        b"\xff\xfe\x00",
        b"BEGIN:VEVENT\n" * 9,
    ],
)
def test_a_calendar_without_plans_is_rejected(raw: bytes) -> None:
    assert isinstance(read_calendar(raw), Rejected)


def test_many_entries_are_cut_and_counted() -> None:
    text = calendar_text(b"BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n" * 30)
    assert text.count("Event: x") == 20
    assert text.endswith("[… 10 more entries were left out here …]")
