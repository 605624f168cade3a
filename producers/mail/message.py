"""Mail files: one message a file. Modest on purpose; it never raises, whatever the message."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, Ticket, make_ticket
from producers.mail import headers
from producers.mail.body import read_body
from producers.rejection import Rejected

MAX_MAIL_BYTES = 50 * 1024 * 1024
MAX_NAMES = 100
MAX_SHORT = 1_000

_HEADER = re.compile(rb"(?:[A-Za-z][!-9;-~]*[ \t]*:|From )")


@dataclass(frozen=True, slots=True)
class MailTicket:
    """A ticket made of a mail, and the key under which a second submission is recognised."""

    ticket: Ticket
    key: str


def looks_like_mail(start: bytes) -> bool:
    """Tell from the first bytes of a file whether it begins with mail headers."""
    return bool(_HEADER.match(_trimmed(start)))


def read_mail(raw: bytes, *, now: datetime | None = None) -> MailTicket | Rejected:
    """Make a ticket of a message; `now` stands in for a date that is missing or unbelievable."""
    if not raw.strip():
        return Rejected(1, "the file is empty")
    if len(raw) > MAX_MAIL_BYTES:
        return Rejected(1, f"the message has {len(raw):,} bytes; at most {MAX_MAIL_BYTES:,} are read")
    failure = ""
    for rules in (policy.default, policy.compat32):  # the old rules parse less, and so stumble less
        try:
            mail: Message[Any, Any] = BytesParser(policy=rules).parsebytes(_trimmed(raw))
            return _ticket(mail, raw, now or datetime.now(UTC))
        except InvalidTicketError as error:
            return Rejected(1, str(error))
        except Exception as error:  # noqa: BLE001 - what the parser makes of broken mail is anybody's guess
            failure = type(error).__name__
    return Rejected(1, f"not a message that can be read: {failure}")


def _trimmed(raw: bytes) -> bytes:
    return raw.removeprefix(b"\xef\xbb\xbf").lstrip()


def _ticket(mail: headers.Mail, raw: bytes, now: datetime) -> MailTicket:
    body = read_body(mail)
    ticket = make_ticket(
        source=Source.MAIL,
        subject=headers.header(mail, "Subject")[:MAX_SHORT],
        body=body.text,
        sender=headers.sender(mail)[:MAX_SHORT],
        conversation=headers.conversation(mail)[:MAX_SHORT],
        received_at=headers.sent_at(mail, now),
        attachments=tuple(name[:MAX_SHORT] for name in body.attachments[:MAX_NAMES]),
        automated=headers.automated(mail),
    )
    own_id = "".join(char for char in headers.message_id(mail) if char.isprintable())
    # Without an id of its own, two customers' "please call me" would be one: then every byte counts.
    content = ticket.fingerprint() if own_id else hashlib.sha256(raw).hexdigest()
    return MailTicket(ticket, f"mail:{own_id[:200]}:{content[:32]}")
