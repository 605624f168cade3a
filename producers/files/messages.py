"""Files that are one message each: mail, calendar, web page, plain text, a provider's request."""

import hashlib
from importlib import import_module
from pathlib import PurePath

import structlog

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, make_ticket
from producers.files.formats import Format
from producers.mail.message import MAX_MAIL_BYTES, MailTicket, read_mail
from producers.rejection import Rejected

_ELSEWHERE = {
    Format.ICS: ("producers.mail.calendar", "read_calendar"),
    Format.HTTP: ("producers.webhooks.dump", "read_dump"),
}
"""Readers whose libraries a file of another kind does without."""

_log = structlog.get_logger("files")


def read_message(raw: bytes, kind: Format, name: str) -> MailTicket | Rejected:
    """Make a ticket of a file's bytes; `name` tells texts without an id of their own apart.

    Never raises: what a parser could not cope with is a rejection that names the error.
    """
    if len(raw) > MAX_MAIL_BYTES:
        return Rejected(1, f"the file is larger than {MAX_MAIL_BYTES:,} bytes")
    if not raw.strip():
        return Rejected(1, "the file is empty")
    try:
        return _read(raw, kind, name)
    except InvalidTicketError as error:
        return Rejected(1, str(error))
    except Exception as error:  # noqa: BLE001 - hostile input; one file must not end the others
        # The traceback's last line may repeat the text, so only the place is told.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        _log.error("parser_failed", format=kind, error=type(error).__name__, place=place)
        return Rejected(1, f"the parser failed on it: {type(error).__name__}")


def _read(raw: bytes, kind: Format, name: str) -> MailTicket | Rejected:
    match kind:
        case Format.EML:
            return read_mail(raw)
        case Format.ICS | Format.HTTP:
            module, reader = _ELSEWHERE[kind]
            made: MailTicket | Rejected = getattr(import_module(module), reader)(raw)
            return made
        case Format.HTML | Format.TEXT:
            return _text(raw, kind, name)
        case _:
            return Rejected(1, "neither rows, nor a mail, nor text that can be read: say what it is with --format")


def _text(raw: bytes, kind: Format, name: str) -> MailTicket | Rejected:
    """Make a ticket of words alone. Two customers may use the same ones, so the file's name is part of the key."""
    from producers.files.replies import split_reply
    from producers.files.tables.encodings import decode_text

    text = decode_text(raw)
    if kind is Format.HTML:
        from producers.mail.html_text import html_to_text

        text = html_to_text(text)
    if not text.strip():
        return Rejected(1, "there is no text that a person would see")
    reply = split_reply(text)
    is_all_quoted = not reply.body.strip()
    ticket = make_ticket(
        source=Source.FILE,
        body=text.strip() if is_all_quoted else reply.body,
        quoted="" if is_all_quoted else reply.quoted,
        signature="" if is_all_quoted else reply.signature,
    )
    known_by = name.encode("utf-8", "replace") + b"\0" + raw
    return MailTicket(ticket, f"text:{hashlib.sha256(known_by).hexdigest()}")
