"""A ticket as the mail parsers hand it on, and how its text is fitted into a ticket's bounds."""

from dataclasses import dataclass
from typing import Any

from fleet.ticket import MAX_TEXT_BYTES, Ticket
from producers.mail.mime.bounds import cut
from producers.mail.reply.split import Reply

MAX_SHORT = 1_000
"""Characters of a subject, a sender, a note."""

MAX_TEXT = MAX_TEXT_BYTES - 4 * MAX_SHORT
"""Bytes of a body, so that a subject fits beside it."""

MAX_SIGNATURE = 8 * 1024
MIN_QUOTED = 8 * 1024
"""What is left for the history beside a long forwarded message."""

MAX_BESIDE = MAX_TEXT_BYTES - MAX_SIGNATURE
"""Bytes of forwarded message and history together."""


@dataclass(frozen=True, slots=True)
class MailTicket:
    """A ticket made of a mail, and the key under which a second submission is recognised."""

    ticket: Ticket
    key: str


def texts(reply: Reply) -> dict[str, Any]:
    """Fit what a message says into a ticket's fields: the forwarded message goes before the history."""
    quoted = len(reply.quoted.encode("utf-8", "replace"))
    forwarded = cut(reply.forwarded, MAX_BESIDE - min(quoted, MIN_QUOTED))
    return {
        "body": cut(reply.body, MAX_TEXT),
        "forwarded": forwarded,
        "quoted": cut(reply.quoted, MAX_BESIDE - len(forwarded.encode("utf-8", "replace"))),
        "signature": cut(reply.signature, MAX_SIGNATURE),
    }
