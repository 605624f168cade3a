"""The charset that a mail names for its text, and bytes of its own that show which one it is."""

from dataclasses import dataclass
from email.message import Message
from weakref import WeakKeyDictionary

from producers.mail.attempt import attempt
from producers.mail.charsets import charset_of_page
from producers.mail.mime.parsing import Mail

_MAX_PARTS = 20
_SAMPLE = 4_096
_NAMES = ("Subject", "From", "To", "Reply-To")


def part_charset(part: Mail) -> str | None:
    """Return the charset that a part names in its headers, else in its HTML."""
    named = attempt(part.get_content_charset, None)
    if named is None and attempt(part.get_content_type, "") == "text/html":
        return charset_of_page(part_bytes(part)[:_SAMPLE])
    return named


def mail_charset(mail: Mail) -> str | None:
    """Return the charset of the first text that names one."""
    return _own(mail).charset


def mail_bytes(mail: Mail) -> bytes:
    """Return bytes that are in the mail's own charset: of its headers, and of its first texts."""
    return _own(mail).start


@dataclass(frozen=True, slots=True)
class _Own:
    charset: str | None
    start: bytes


_KNOWN: "WeakKeyDictionary[Mail, _Own]" = WeakKeyDictionary()
"""Each of a mail's headers asks, and a long text is decoded for it."""


def _own(mail: Mail) -> _Own:
    known = _KNOWN.get(mail)
    if known is None:
        texts = _texts(mail)
        charset = next((name for part in texts if (name := part_charset(part))), None)
        start = b"\n".join([header_bytes(mail), *(part_bytes(part)[:_SAMPLE] for part in texts)])[: 2 * _SAMPLE]
        known = _KNOWN[mail] = _Own(charset, start)
    return known


def header_bytes(mail: Mail) -> bytes:
    """Return the headers that hold bare bytes; empty where there are none."""
    values = [str(value) for name, value in mail.raw_items() if name.title() in _NAMES]
    return b"\n".join(value.encode("utf-8", "surrogateescape") for value in values if not value.isascii())


def part_bytes(part: Mail) -> bytes:
    """Undo the transfer encoding of a part."""
    raw = attempt(lambda: part.get_payload(decode=True), None)
    return raw if isinstance(raw, bytes) else b""


def _texts(mail: Mail) -> list[Mail]:
    found: list[Mail] = []
    open_parts = [mail]
    for _ in range(_MAX_PARTS):
        if not open_parts:
            break
        part = open_parts.pop(0)
        if part.is_multipart():
            kind = attempt(part.get_content_maintype, "")
            inner = part.get_payload() if kind == "multipart" else []
            open_parts += [item for item in inner if isinstance(item, Message)]
        elif attempt(part.get_content_maintype, "text") == "text":
            found.append(part)
    return found
