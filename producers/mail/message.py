"""Mail: the bytes of one message to a ticket. It never raises, whatever the message."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, Ticket, make_ticket
from producers.mail import headers
from producers.mail.body import read_body
from producers.mail.machine.recognise import automated
from producers.mail.mail_ticket import MAX_SHORT, MailTicket, texts
from producers.mail.mime.parsing import Mail, parse, parse_flat
from producers.mail.relation import relation
from producers.mail.reply.split import split_lines
from producers.rejection import Rejected

__all__ = ["MAX_MAIL_BYTES", "MailTicket", "looks_like_mail", "read_mail"]

UNREADABLE = "not a message that can be read"
MAX_MAIL_BYTES = 50 * 1024 * 1024

_HEADER = re.compile(rb"(?:[A-Za-z][!-9;-~]*[ \t]*:|From )")
_HEADERS_END = re.compile(rb"\r?\n\r?\n|\r\r")


def looks_like_mail(start: bytes) -> bool:
    """Tell from the first bytes of a file whether it begins with mail headers."""
    return bool(_HEADER.match(_trimmed(start)))


def read_mail(raw: bytes, *, now: datetime | None = None, own: frozenset[str] = frozenset()) -> MailTicket | Rejected:
    """Make a ticket of a message; `now` stands in for a date that is missing or unbelievable.

    `own` are the addresses that we receive at and send from: by them lists and loops are told from customers' mail.
    """
    if not raw.strip(b" \t\r\n\0"):
        return Rejected(1, "the file is empty")
    if len(raw) > MAX_MAIL_BYTES:
        return Rejected(1, f"the message has {len(raw):,} bytes; at most {MAX_MAIL_BYTES:,} are read")
    raw = _trimmed(raw)
    failure = ""
    for parser in (parse, parse_flat):  # the flat one makes less of the message, and so stumbles less
        try:
            mail = parser(raw)
            ticket = _ticket(mail, now or datetime.now(UTC), frozenset(address.lower() for address in own))
            return MailTicket(ticket, _key(mail, raw))
        except InvalidTicketError as error:
            return Rejected(1, str(error))
        except Exception as error:  # noqa: BLE001 - one message must not stop a mailbox
            failure = type(error).__name__
    return Rejected(1, f"{UNREADABLE}: {failure}")


def _trimmed(raw: bytes) -> bytes:
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()


def _ticket(mail: Mail, now: datetime, own: frozenset[str]) -> Ticket:
    body = read_body(mail)
    subject = headers.header(mail, "Subject")[:MAX_SHORT]
    sender = headers.sender(mail)[:MAX_SHORT]
    known = relation(mail, subject, body.lines)
    reply = split_lines(
        body.lines, sender=sender, is_forward=known.is_forward, is_reply=known.is_reply, attached=body.forwarded
    )
    # Both alternatives are read where they say different things.
    reply = replace(reply, body=f"{reply.body}\n\n{body.unsaid}".strip()) if body.unsaid else reply
    return make_ticket(
        source=Source.MAIL,
        subject=subject,
        **texts(reply),
        sender=sender,
        conversation=headers.conversation(mail)[:MAX_SHORT],
        received_at=headers.sent_at(mail, now),
        attachments=tuple(note[:MAX_SHORT] for note in body.attachments),
        automated=automated(mail, own),
        flags=body.flags,
    )


def _key(mail: Mail, raw: bytes) -> str:
    """Name the message by its id and what it says, whatever way it took here."""
    own_id = "".join(char for char in headers.message_id(mail) if char.isprintable())
    end = _HEADERS_END.search(raw)
    # Mail servers on the way change line ends and add headers; none of that makes it another message.
    content = hashlib.sha256((raw[end.end() :] if end else raw).translate(None, b" \t\r\n"))
    if not own_id:
        # Without an id two customers' "please call me" would be one: who, when and about what tells them apart.
        for name in ("From", "To", "Cc", "Date", "Subject"):
            content.update(f"\0{headers.header(mail, name)}".encode("utf-8", "replace"))
    return f"mail:{own_id[:200]}:{content.hexdigest()[:32]}"
