"""Files that are one message each: mail, calendar, web page, plain text, a provider's request."""

import hashlib
from dataclasses import replace
from pathlib import PurePath

import structlog

from fleet.errors import InvalidTicketError
from producers.files.formats import Format
from producers.mail.invitation import read_calendar
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import MAX_MAIL_BYTES, read_mail
from producers.mail.text_file import read_text_body
from producers.rejection import Rejected

_log = structlog.get_logger("files")


def read_message(raw: bytes, kind: Format, name: str, own: frozenset[str] = frozenset()) -> MailTicket | Rejected:
    """Make a ticket of a file's bytes; `name` tells texts without an id of their own apart, `own` are our addresses.

    Never raises: what a parser could not cope with is a rejection that names the error.
    """
    if len(raw) > MAX_MAIL_BYTES:
        return Rejected(1, f"the file is larger than {MAX_MAIL_BYTES:,} bytes")
    if not raw.strip():
        return Rejected(1, "the file is empty")
    try:
        return _read(raw, kind, name, own)
    except InvalidTicketError as error:
        return Rejected(1, str(error))
    except ModuleNotFoundError:  # no fault of the file: the command says which extra brings it
        raise
    except Exception as error:  # noqa: BLE001 - hostile input; one file must not end the others
        # The traceback's last line may repeat the text, so only the place is told.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        _log.error("parser_failed", format=kind, error=type(error).__name__, place=place)
        return Rejected(1, f"the parser failed on it: {type(error).__name__}")


def _read(raw: bytes, kind: Format, name: str, own: frozenset[str]) -> MailTicket | Rejected:
    match kind:
        case Format.EML:
            return read_mail(raw, own=own)
        case Format.ICS:
            return read_calendar(raw)
        case Format.HTTP:
            from producers.webhooks.dump import read_dump  # of another extra, which the other kinds do without

            return read_dump(raw, own)
        case Format.HTML | Format.TEXT:
            return _named(read_text_body(raw, is_html=kind is Format.HTML), raw, name)
        case _:
            return Rejected(1, "neither rows, nor a mail, nor text that can be read: say what it is with --format")


def _named(made: MailTicket | Rejected, raw: bytes, name: str) -> MailTicket | Rejected:
    """Two customers may use the same words, so the name of a file of mere text is part of its key."""
    if isinstance(made, Rejected):
        return made
    known_by = name.encode("utf-8", "replace") + b"\0" + raw
    return replace(made, key=f"text:{hashlib.sha256(known_by).hexdigest()}")
