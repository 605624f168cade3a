"""A ticket as the mail parsers hand it on, and how its text is fitted into a ticket's bounds."""

from dataclasses import dataclass

from fleet.ticket import MAX_TEXT_BYTES, Ticket

MAX_SHORT = 1_000
"""Characters of a subject, a sender, a note."""

MAX_TEXT = MAX_TEXT_BYTES - 4 * MAX_SHORT
"""Bytes of a body, so that a subject fits beside it."""

MAX_SIGNATURE = 8 * 1024
MAX_QUOTED = MAX_TEXT_BYTES - MAX_SIGNATURE


@dataclass(frozen=True, slots=True)
class MailTicket:
    """A ticket made of a mail, and the key under which a second submission is recognised."""

    ticket: Ticket
    key: str
