"""What a person reads of a mail, as marked lines, what it forwards, and what is attached.

Where the writer wrote nothing, the message that was forwarded speaks, or a text that was attached, or the invitation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.ticket import TicketFlag
from producers.mail.headers import header
from producers.mail.invitation import calendar_text, short_note
from producers.mail.mail_ticket import MAX_SHORT
from producers.mail.mime.attachments import content_type, describe, file_name
from producers.mail.mime.declared import header_bytes, part_bytes
from producers.mail.mime.parsing import Mail
from producers.mail.mime.parts import every_text, is_attached, is_for_programs, is_text, leaves, messages
from producers.mail.mime.texts import Reader, says_something
from producers.mail.reply.lines import Line, plain_lines

MAX_NOTES = 100
_MAX_MESSAGES = 20
"""Messages inside messages that are opened."""

_CALENDARS = {"text/calendar", "application/ics"}
_COPIED = ("From", "Date", "Subject")
_BOILERPLATE = "in MIME format"


@dataclass(frozen=True, slots=True)
class Body:
    """The text, marked line by line, that of attached messages, and a note on each attachment."""

    lines: Sequence[Line]
    attachments: tuple[str, ...]
    forwarded: Sequence[Line] = ()
    unsaid: str = ""
    """What only the HTML says, where it differs from the plain text."""
    flags: tuple[TicketFlag, ...] = ()


def read_body(mail: Mail) -> Body:
    """Collect text and attachments. Too much of it is cut, and a bracketed line says so."""
    reader = Reader(header_bytes(mail))
    parts = list(leaves(mail))
    lines = reader.lines(mail)
    unsaid = reader.take_unsaid()
    invitations = [text for part in parts if content_type(part) in _CALENDARS and (text := _invitation(part))]
    notes = _bounded([part for part in parts if _is_listed(part)], reader)
    is_report = content_type(mail) == "multipart/report"  # what it returns was sent, not forwarded
    forwarded = [] if is_report and says_something(lines) else _forwarded(parts, reader, _MAX_MESSAGES)
    if not says_something(forwarded):
        forwarded = []
        lines = lines if says_something(lines) else _instead(mail, parts, invitations, reader)
    return Body(lines, notes, forwarded, unsaid, tuple(_flags(reader)))


def _flags(reader: Reader) -> Iterator[TicketFlag]:
    if reader.hides:
        yield TicketFlag.HIDDEN_TEXT
    if reader.differ:
        yield TicketFlag.PARTS_DIFFER


def _is_listed(part: Mail) -> bool:
    return is_attached(part) or not (is_text(part) or is_for_programs(part))


def _instead(mail: Mail, parts: Sequence[Mail], invitations: Sequence[str], reader: Reader) -> Sequence[Line]:
    """Look for words elsewhere, where the writer wrote none."""
    attached = [line for part in parts if is_attached(part) and is_text(part) for line in reader.part(part)]
    if says_something(attached):
        return attached
    if invitations:
        return plain_lines("\n\n".join(invitations))
    if all(is_text(part) for part in parts):
        return plain_lines("\n".join(_around(mail)))
    return [line for part in every_text(mail) for line in reader.part(part)]


def _forwarded(parts: Sequence[Mail], reader: Reader, left: int) -> list[Line]:
    found: list[Line] = []
    for part in parts:
        for mail in messages(part):
            inside = list(leaves(mail))
            lines = list(reader.lines(mail))
            if not says_something(lines) and left:
                lines = _forwarded(inside, reader, left - 1)
            if not says_something(lines):
                lines = list(_instead(mail, inside, (), reader))
            lines += plain_lines(unsaid) if (unsaid := reader.take_unsaid()) else []
            # A piece of a partial message is this message, not another.
            head = _copied_headers(mail) if content_type(part) != "message/partial" else ()
            found += [*head, *lines, Line("")]
    return found


def _copied_headers(mail: Mail) -> Iterator[Line]:
    # As clients copy them: who wrote it and about what is part of what was forwarded.
    found = [Line(f"{name}: {value}") for name in _COPIED if (value := header(mail, name)[:MAX_SHORT])]
    yield from (*found, Line("")) if found else ()


def _bounded(parts: Sequence[Mail], reader: Reader) -> tuple[str, ...]:
    notes = (*_notes(parts[:MAX_NOTES], reader), *reader.files)
    number = max(len(parts), len(notes))
    more = (f"… and {number - MAX_NOTES + 1:,} more",) if number > MAX_NOTES else ()
    return (*notes[: MAX_NOTES - len(more)], *more)


def _notes(parts: Sequence[Mail], reader: Reader) -> Iterator[str]:
    for part in parts:
        note = describe(part)
        what = short_note(part_bytes(part)) if content_type(part) in _CALENDARS or _is_ics(part) else ""
        yield f"{note}: {what}" if what and says_something(reader.seen) else note


def _is_ics(part: Mail) -> bool:
    return file_name(part).lower().endswith(".ics") and not part.is_multipart()


def _invitation(part: Mail) -> str:
    return calendar_text(part_bytes(part))


def _around(mail: Mail) -> Iterator[str]:
    # What stands outside the parts is hidden from readers, but where boundaries are broken it is all there is.
    for part in (mail, *leaves(mail)):
        for text in (part.preamble, part.epilogue):
            if text and _BOILERPLATE not in text:
                yield str(text)
