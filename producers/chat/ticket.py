"""A burst as a ticket: its messages line by line, as they stand after all edits."""

from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket, make_ticket
from producers.chat.transitions import Frozen

_SHORT = 1_000
_ATTACHMENTS = 100
_NOTE_BYTES = 100


def ticket_id(frozen: Frozen) -> str:
    """Name the ticket of a burst; the same whoever closes it."""
    return f"c{frozen.burst}"


def to_ticket(frozen: Frozen) -> Ticket:
    """Make the ticket of a burst that holds a message; raises InvalidTicketError."""
    first = frozen.posts[0]
    texts = (post.text.strip() for post in frozen.posts)
    conversation = ":".join(part for part in (first.platform, first.place, first.thread) if part)
    names = [name[:_SHORT] for post in frozen.posts for name in post.attachments]
    return make_ticket(
        id=ticket_id(frozen),
        source=Source.CHAT,
        body=fitting("\n".join(text for text in texts if text)),
        sender=first.author[:_SHORT],
        conversation=conversation[:_SHORT],
        received_at=first.at,
        attachments=tuple(names[:_ATTACHMENTS]),
    )


def unreadable(frozen: Frozen) -> Ticket:
    """Make the ticket that stands for a burst of which none can be made: its text."""
    return make_ticket(
        id=ticket_id(frozen), source=Source.CHAT, body=fitting("\n".join(post.text for post in frozen.posts))
    )


def fitting(text: str) -> str:
    """Make it UTF-8 of at most a ticket's bytes; what is left out is told."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= MAX_TEXT_BYTES:
        return raw.decode()
    kept = raw[: MAX_TEXT_BYTES - _NOTE_BYTES].decode("utf-8", "ignore")
    return f"{kept}\n[{len(raw) - len(kept.encode()):,} more bytes left out]"
