"""A burst as a ticket: its messages line by line, as they stand after all edits."""

from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket
from producers.chat.transitions import Frozen

_SHORT = 1_000
_ATTACHMENTS = 100


def ticket_id(frozen: Frozen) -> str:
    """Name the ticket of a burst; the same whoever closes it."""
    return f"c{frozen.burst}"


def to_ticket(frozen: Frozen) -> Ticket:
    """Make the ticket of a burst that holds a message."""
    first = frozen.posts[0]
    texts = (frozen.texts.get(post.message_id, post.text).strip() for post in frozen.posts)
    conversation = ":".join(part for part in (first.platform, first.place, first.thread) if part)
    names = [name[:_SHORT] for post in frozen.posts for name in post.attachments]
    return Ticket(
        id=ticket_id(frozen),
        source=Source.CHAT,
        body=_fitting("\n".join(text for text in texts if text)),
        sender=first.author[:_SHORT],
        conversation=conversation[:_SHORT],
        received_at=first.at,
        attachments=tuple(names[:_ATTACHMENTS]),
    )


def _fitting(text: str) -> str:
    """Cut what edits have made longer than a ticket may be, and say so."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= MAX_TEXT_BYTES:
        return text
    kept = raw[: MAX_TEXT_BYTES - 100].decode("utf-8", "ignore")
    return f"{kept}\n[{len(raw) - MAX_TEXT_BYTES + 100:,} more bytes left out]"
