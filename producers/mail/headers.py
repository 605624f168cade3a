"""What a mail's headers say, however broken: decoded text, addresses, time, and the conversation."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.utils import parsedate_to_datetime
from typing import TypeVar

from producers.mail.charsets import decode
from producers.mail.mime.bounds import cleaned
from producers.mail.mime.parsing import Mail

T = TypeVar("T")

_ID = re.compile(r"<[^<>\s]+>")
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()\[\]]{1,64}@[^\s<>@,;:\"'()\[\]]{1,255}")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_THREAD_ROOT = 22
"""Bytes of Outlook's Thread-Index that a whole conversation shares; each reply adds five."""


def attempt(read: Callable[[], T], fallback: T) -> T:
    """Ask the standard library; broken input makes it raise nearly anything, and the answer is then the fallback."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - IndexError, AttributeError, HeaderParseError and more have been seen
        return fallback


def header(mail: Mail, name: str) -> str:
    """Decode one header to text; empty where it is missing."""
    return next(values(mail, name), "")


def values(mail: Mail, name: str) -> Iterator[str]:
    """Decode every header of a name, as they follow."""
    wanted = name.lower()
    return (decoded(str(value)) for key, value in mail.raw_items() if key.lower() == wanted)


def addresses(text: str) -> frozenset[str]:
    """Find the mail addresses in a header's text, in small letters."""
    return frozenset(found.lower().rstrip(".") for found in _ADDRESS.findall(text))


def conversation(mail: Mail) -> str:
    """The id of the message that began the conversation, as far as this one knows."""
    for name in ("References", "In-Reply-To"):
        if ids := _ID.findall(header(mail, name)):
            return str(ids[0])
    # Outlook's index is the last resort: in a reply whose references were lost, or where nothing has an id.
    root, is_reply = _thread(header(mail, "Thread-Index"))
    own = _ID.findall(header(mail, "Message-ID"))
    return root if root and (is_reply or not own) else str(own[0]) if own else ""


def message_id(mail: Mail) -> str:
    """The message's own id, angle brackets and all; empty where it has none."""
    text = header(mail, "Message-ID")
    found = _ID.search(text)
    return found.group() if found else text


def sender(mail: Mail) -> str:
    """Who wrote it."""
    return next((text for name in ("From", "Sender", "Reply-To") if (text := header(mail, name))), "")


def sent_at(mail: Mail, now: datetime) -> datetime:
    """When it was written, where that is believable and has a time zone; else now."""
    date = attempt(lambda: parsedate_to_datetime(header(mail, "Date")), now)
    is_sane = date.tzinfo is not None and _OLDEST <= date <= now + timedelta(days=1)
    return attempt(lambda: date.astimezone(UTC), now) if is_sane else now


def _thread(index: str) -> tuple[str, bool]:
    raw = attempt(lambda: b64decode(index, validate=True), b"")
    if len(raw) < _THREAD_ROOT:
        return "", False
    return f"thread-index:{raw[:_THREAD_ROOT].hex()}", len(raw) > _THREAD_ROOT


def decoded(text: str) -> str:
    """Decode what stands in a header, encoded words and bare bytes, on one line."""
    if not text.isascii():  # bytes above 127 come as surrogates
        text = decode(text.encode("utf-8", "surrogateescape"), "utf-8")
    if "=?" in text:
        encoded = text
        text = attempt(lambda: _decode_words(encoded), encoded)
    return " ".join(cleaned(text).split())


def _decode_words(text: str) -> str:
    pieces = decode_header(text)
    return "".join(raw if isinstance(raw, str) else decode(raw, charset) for raw, charset in pieces)
