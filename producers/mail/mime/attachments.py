"""Attachments as a person lists them: name, type and size. Nothing is executed or opened."""

from email.message import Message

from producers.mail.attempt import attempt
from producers.mail.mime.parsing import Mail
from producers.mail.mime.words import decoded

_KILO = 1_000
_MAX_NAME = 300
_MAX_DEPTH = 20


def describe(part: Mail) -> str:
    """Say what is attached, as in `invoice.pdf (application/pdf, 12.3 kB)`; the size is that of the decoded file."""
    return described(file_name(part), content_type(part), _size(part, 0))


def described(name: str, kind: str, size: int) -> str:
    """Put a note about an attachment together."""
    return f"{name[:_MAX_NAME] or 'unnamed'} ({kind[:100]}, {_readable(size)})"


def file_name(part: Mail) -> str:
    """Return the name that the sender gave the part; empty where it has none."""
    return attempt(lambda: decoded(str(part.get_filename() or "")), "")


def content_type(part: Mail) -> str:
    """Return the type of the part in small letters; text/plain where it is broken."""
    return attempt(part.get_content_type, "text/plain")


def _size(part: Mail, depth: int) -> int:
    if part.is_multipart():
        inner = [item for item in part.get_payload() if isinstance(item, Message)] if depth < _MAX_DEPTH else []
        return sum(_size(item, depth + 1) + _headers_size(item) for item in inner)
    return attempt(lambda: len(part.get_payload(decode=True)), 0)


def _headers_size(part: Mail) -> int:
    return sum(len(name) + len(str(value)) + 4 for name, value in part.raw_items())


def _readable(size: int) -> str:
    if size < _KILO:
        return f"{size} B"
    if size < _KILO * _KILO:
        return f"{size / _KILO:.1f} kB"
    return f"{size / _KILO / _KILO:.1f} MB"
