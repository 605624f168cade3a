"""What a mail's headers say, however broken: decoded text, addresses, time, and the conversation."""

import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice

from producers.mail.attempt import attempt
from producers.mail.mime.declared import mail_bytes, mail_charset
from producers.mail.mime.parsing import Mail
from producers.mail.mime.words import decoded

_ID = re.compile(r"<[^<>\s]+>")
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()\[\]]{1,64}@[^\s<>@,;:\"'()\[\]]{1,255}")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_MAX_RECEIVED = 20
_THREAD_ROOT = 22
"""Bytes of Outlook's Thread-Index that a whole conversation shares; each reply adds five."""


def header(mail: Mail, name: str) -> str:
    """Decode one header to text; empty where it is missing."""
    return next(values(mail, name), "")


def values(mail: Mail, name: str) -> Iterator[str]:
    """Decode every header of a name, as they follow."""
    wanted = name.lower()
    return (_decoded(mail, str(value)) for key, value in mail.raw_items() if key.lower() == wanted)


def _decoded(mail: Mail, value: str) -> str:
    # What was sent as bare bytes is in the charset of the mail that it stands in.
    return decoded(value) if value.isascii() else decoded(value, mail_charset(mail), mail_bytes(mail))


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
    """When it was written, where that is believable and has a time zone; else when it was received; else now."""
    received = (value.rpartition(";")[2] for value in values(mail, "Received"))
    texts = (header(mail, "Date"), *islice(received, _MAX_RECEIVED))
    return next((date for text in texts if (date := _believed(text, now))), now)


def _believed(text: str, now: datetime) -> datetime | None:
    date = attempt(lambda: parsedate_to_datetime(text), None)
    is_sane = date is not None and date.tzinfo is not None and _OLDEST <= date <= now + timedelta(days=1)
    return attempt(lambda: date.astimezone(UTC), None) if date is not None and is_sane else None


def _thread(index: str) -> tuple[str, bool]:
    raw = attempt(lambda: b64decode(index, validate=True), b"")
    if len(raw) < _THREAD_ROOT:
        return "", False
    return f"thread-index:{raw[:_THREAD_ROOT].hex()}", len(raw) > _THREAD_ROOT
