"""The parts of a message, and the text of one, decoded without ever raising."""

from base64 import b64decode
from collections.abc import Iterator
from email.message import Message

from producers.mail.attempt import attempt
from producers.mail.charsets import decode
from producers.mail.mime.attachments import content_type, file_name
from producers.mail.mime.bounds import cleaned
from producers.mail.mime.declared import part_bytes, part_charset
from producers.mail.mime.flowed import unflow
from producers.mail.mime.parsing import Mail, parse

_LETTER_BYTES = 4
_LINE_BYTES = 80
_NOT_FOR_READERS = {"text/calendar", "text/css", "text/javascript", "text/rfc822-headers", "text/vcard", "text/x-vcard"}


def children(part: Mail) -> list[Mail]:
    """Return the parts directly inside; none where the part holds only text."""
    # Asked for the payload of a text, the library would decode it with whatever charset the sender names.
    payload = part.get_payload() if part.is_multipart() else []
    return [inner for inner in payload if isinstance(inner, Message)]


def leaves(part: Mail) -> Iterator[Mail]:
    """Walk the parts that hold no parts. A message inside the message is one of them: somebody else's words."""
    open_parts = [part]
    while open_parts:
        inner = open_parts.pop()
        if inner.get_content_maintype() == "multipart" and inner.is_multipart():
            open_parts += reversed(children(inner))
        else:
            yield inner


def every_text(part: Mail) -> Iterator[Mail]:
    """Walk all texts, also those of messages inside the message."""
    open_parts = [part]
    while open_parts:
        inner = open_parts.pop()
        if content_type(inner) != "message/partial":  # a piece cut out of something else
            open_parts += reversed(messages(inner) or children(inner))
        if is_text(inner):
            yield inner


def messages(part: Mail) -> list[Mail]:
    """Return the messages inside a part that holds a message; one that was encoded against the rules is decoded."""
    kind = content_type(part)
    if kind == "message/partial":
        number = attempt(lambda: str(part.get_param("number", "")), "")
        return [inner for inner in children(part) if number == "1" or _is_words(inner)]
    if kind not in ("message/rfc822", "message/global"):
        return []
    inner = children(part)
    if attempt(lambda: str(part.get("Content-Transfer-Encoding", "")), "").strip().lower() != "base64" or not inner:
        return inner
    raw = attempt(lambda: b64decode(part_bytes(inner[0])), b"")
    return [parse(raw)] if raw else inner


def _is_words(piece: Mail) -> bool:
    # A later piece has no headers: it may be words all the same, or the middle of a picture in base64.
    return b" " in part_bytes(piece).strip()[:_LINE_BYTES]


def is_attached(part: Mail) -> bool:
    """Tell whether the sender attached this part, rather than wrote it."""
    return bool(file_name(part)) or attempt(part.get_content_disposition, None) == "attachment"


def is_text(part: Mail) -> bool:
    """Tell whether a reader sees this part as text; a multipart without a boundary comes as one text."""
    kind = content_type(part)
    is_readable = kind.startswith("text/") and kind not in _NOT_FOR_READERS and not is_for_programs(part)
    return not part.is_multipart() and (is_readable or kind.startswith("multipart/"))


def is_for_programs(part: Mail) -> bool:
    """Tell whether a part repeats the mail for a program that shows it in its own way (AMP, watches, reactions)."""
    return content_type(part).startswith(("text/x-amp", "text/watch-", "text/vnd."))


def text_of(part: Mail, limit: int, context: bytes = b"") -> str:
    """Decode the text of a part; at most `limit` characters of a longer one.

    `context` are other bytes of the mail, by which a charset that is not named is guessed.
    """
    raw = part_bytes(part)
    text = cleaned(decode(raw[: limit * _LETTER_BYTES], part_charset(part), context))
    if attempt(lambda: str(part.get_param("format", "")), "").lower() == "flowed":
        text = unflow(text, delsp=attempt(lambda: str(part.get_param("delsp", "")), "").lower() == "yes")
    return text
