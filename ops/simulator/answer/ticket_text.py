"""Finds the ticket in a request: the JSON object between `<ticket>` and `</ticket>` in the first user message."""

import json
from collections.abc import Sequence

from ops.simulator.api.request import Turn
from ops.simulator.metering.tokens import content_text

OPEN, CLOSE = "<ticket>", "</ticket>"


def ticket_text(turns: Sequence[Turn]) -> str:
    """Return what a ticket says itself, or the whole last user message when there is no ticket block.

    A repair call brings further turns; the ticket still stands in the first one.
    """
    users = [turn for turn in turns if turn.role == "user"]
    first = content_text(users[0].content)
    start = first.find(OPEN)
    end = first.find(CLOSE, start)
    if start < 0 or end < 0:
        return content_text(users[-1].content)
    return _fields(first[start + len(OPEN) : end])


def _fields(block: str) -> str:
    try:
        ticket = json.loads(block)
    except ValueError:
        return block
    if not isinstance(ticket, dict):
        return block
    said = [ticket.get(name) for name in ("subject", "body", "forwarded")]
    fields = ticket.get("customer")
    # What a form asked for is not what the training rows are like: it counts where nothing else has words.
    return joined(*said) or (joined(*fields.values()) if isinstance(fields, dict) else "")


def joined(*texts: object) -> str:
    """Join subject, body and more the way training rows are joined; what is no text counts as empty."""
    parts = [part for part in texts if isinstance(part, str) and part]
    return "\n".join(parts)
