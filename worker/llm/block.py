"""The ticket's block of a request: what the ticket says, by worth, up to the tier's budget, and what was left out.

Own words come first, then what was passed on, then the newest history: a short note never hides what it forwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from fleet.ticket import Ticket
from worker.content import Content, content_of, is_telling
from worker.domain import Cuts
from worker.llm.trim import escaped, head, size_of, trim

BYTES_PER_TOKEN = 4
_MARK_BYTES = 60
"""What a mark takes; for a text with less room than that, nothing is sent but the mark."""


@dataclass(frozen=True, slots=True)
class Block:
    """The text of the ticket in a request, and how much of the ticket is not in it."""

    text: str
    cuts: Cuts


def ticket_block(ticket: Ticket, max_tokens: int) -> Block:
    """Write the ticket as data: JSON in which no `<` stands, so that no text can close the block."""
    content, cuts = content_of(ticket), Cuts()
    if content.signature and not is_telling(content.signature):
        content, cuts = replace(content, signature=""), Cuts(signature=len(content.signature))
    whole = _written(ticket, content)
    limit = max_tokens * BYTES_PER_TOKEN
    if len(whole) <= limit and len(whole.encode()) <= limit:
        return Block(whole, cuts)
    content, cuts = _fitted(content, cuts, limit)
    return Block(_written(ticket, content), cuts)


def _fitted(content: Content, cuts: Cuts, limit: int) -> tuple[Content, Cuts]:
    subject = head(content.subject, limit // 4)
    room = limit - size_of(subject)
    # However long the own words are, a part of the room is for what they pass on and for the customer's fields.
    reserved = min(_size_beside(content), room // 8)
    body = trim(content.body, room - reserved - min(size_of(content.forwarded), room // 4))
    room -= size_of(body.text)
    forwarded = trim(content.forwarded, room - reserved)
    room -= size_of(forwarded.text)
    customer, attachments = _beside(content, max(reserved, room // 2))
    cut = replace(content, subject=subject, body=body.text, forwarded=forwarded.text)
    cut = replace(cut, customer=customer, attachments=attachments)
    quoted = _newest(content.in_reply_to, room := room - _size_beside(cut))
    signature = head(content.signature, room := room - size_of(quoted)) if room > _MARK_BYTES else ""
    left_out = Cuts(
        history=body.history,
        middle=body.middle,
        forwarded=forwarded.history + forwarded.middle,
        quoted=len(content.in_reply_to) - len(quoted),
        signature=cuts.signature + len(content.signature) - len(signature),
        beside=len(content.subject) - len(subject) + _length_beside(content) - _length_beside(cut),
    )
    return replace(cut, in_reply_to=_marked(quoted, left_out.quoted), signature=signature), left_out


def _newest(quoted: str, room: int) -> str:
    """Keep the beginning of the history, which clients write newest first, up to the end of a line."""
    kept = head(quoted, max(0, room - _MARK_BYTES)) if size_of(quoted) > room else quoted
    end = kept.rfind("\n")
    return kept[:end] if len(kept) < len(quoted) and end > len(kept) // 2 else kept


def _marked(quoted: str, left_out: int) -> str:
    return f"{quoted}\n[{left_out} characters of older history left out]".lstrip() if left_out else quoted


def _beside(content: Content, room: int) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keep the fields and the names of attachments that fit, in their order; a long value is cut."""
    customer = {}
    for name, value in content.customer.items():
        room -= size_of(name)
        if (kept := head(value, room)) or (not value and room > 0):
            customer[name] = kept
        room -= size_of(kept)
    attachments = []
    for name in content.attachments:
        room -= size_of(name)
        if room < 0:
            break
        attachments.append(name)
    return customer, tuple(attachments)


def _names_beside(content: Content) -> Iterable[str]:
    return (*content.customer, *content.customer.values(), *content.attachments)


def _size_beside(content: Content) -> int:
    return sum(map(size_of, _names_beside(content)))


def _length_beside(content: Content) -> int:
    return sum(map(len, _names_beside(content)))


def _written(ticket: Ticket, content: Content) -> str:
    said: dict[str, Any] = {"channel": ticket.source, "subject": content.subject, "body": content.body}
    said |= {
        name: value
        for name, value in (
            ("forwarded", content.forwarded),
            ("in_reply_to", content.in_reply_to),
            ("signature", content.signature),
            ("attachments", content.attachments),
            ("customer", content.customer),
        )
        if value
    }
    return f"<ticket>\n{escaped(said)}\n</ticket>"
