"""Messages that no person wrote or that say nothing: decided without a model."""

import unicodedata

from fleet.taxonomy import Taxonomy
from fleet.ticket import Ticket
from fleet.verdict import DecidedBy, Verdict
from worker.domain import Flag

EMPTY = "empty"
"""Name of the rule for messages that say nothing; the rules for machine-made mail are the producers' own."""

_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Fillers that Unicode counts as letters and symbols, and nobody sees."""


def prefilter(ticket: Ticket, taxonomy: Taxonomy) -> Verdict | None:
    """Decide machine-made and empty messages; None for everything that a model should read.

    Who wrote it is recognised by the producers, who see the whole mail: a subject and a sender are no proof here.
    """
    if ticket.automated is not None:
        reason = f"machine-made mail: {ticket.automated.value.replace('_', ' ')}"
        return _verdict(taxonomy, reason, Flag.AUTOMATED)
    return None if says_something(ticket) else _verdict(taxonomy, "the message has no text", Flag.EMPTY)


def says_something(ticket: Ticket) -> bool:
    """Look for anything that a person would see: a symbol or a quoted mail is a message, and so is a file."""
    texts = (ticket.subject, ticket.body, ticket.forwarded, ticket.quoted, ticket.signature, *ticket.fields.values())
    return bool(ticket.attachments) or any(_is_seen(char) for text in texts for char in text)


def _is_seen(char: str) -> bool:
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f"
    return not (char in _BLANKS or is_selector or unicodedata.category(char) in _UNSEEN)


def _verdict(taxonomy: Taxonomy, reason: str, flag: Flag) -> Verdict:
    return Verdict(
        category=taxonomy.automated.category,
        urgency=taxonomy.lowest,
        needs_human=False,
        confidence=1.0,
        reason=reason,
        language="und",
        decided_by=DecidedBy.PREFILTER,
        taxonomy=taxonomy.version,
        flags=(flag,),
    )
