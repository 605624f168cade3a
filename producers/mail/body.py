"""The text and the attachments of a mail: plain text first, HTML stripped where there is none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from fleet.errors import InvalidTicketError
from producers.mail.charsets import decode
from producers.mail.headers import Mail, attempt
from producers.mail.html_text import html_to_text

MAX_HTML = 10 * 1024 * 1024
"""Characters of HTML that are looked through for text; pictures may stand in it as text."""

_MAX_DEPTH = 30


@dataclass(frozen=True, slots=True)
class Body:
    """What a person reads of a mail; attachments by name, or by type where they have none."""

    text: str
    attachments: tuple[str, ...]


@dataclass(slots=True)
class _Parts:
    plain: list[Mail] = field(default_factory=list)
    html: list[Mail] = field(default_factory=list)
    named_text: list[Mail] = field(default_factory=list)
    messages: list[Mail] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)


def read_body(mail: Mail, *, depth: int = 0) -> Body:
    """Collect the text; too much HTML raises InvalidTicketError.

    Where the writer wrote nothing, a text that was attached speaks, or else the message that was forwarded.
    """
    parts = _Parts()
    for part in _leaves(mail, depth):
        _sort(part, parts)
    for texts in (map(_text, parts.plain), map(_stripped, parts.html), map(_text, parts.named_text)):
        if text := _joined(texts):
            return Body(text, tuple(parts.attachments))
    forwarded = (read_body(inner, depth=depth + 1).text for message in parts.messages for inner in _inside(message))
    return Body(_joined(forwarded) if depth < _MAX_DEPTH else "", tuple(parts.attachments))


def _leaves(part: Mail, depth: int) -> Iterator[Mail]:
    # A message inside a message is somebody else's words: an attachment, not opened.
    if part.get_content_maintype() != "multipart" or not part.is_multipart() or depth > _MAX_DEPTH:
        yield part
        return
    for inner in _inside(part):
        yield from _leaves(inner, depth + 1)


def _inside(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _sort(part: Mail, parts: _Parts) -> None:
    kind = attempt(part.get_content_type, "text/plain")
    name = _file_name(part)
    if part.is_multipart() or name or attempt(part.get_content_disposition, None) == "attachment":
        parts.attachments.append(name or kind)
        if kind == "message/rfc822":
            parts.messages.append(part)
        elif kind == "text/plain" and not part.is_multipart():
            parts.named_text.append(part)
    elif kind == "text/html":
        parts.html.append(part)
    elif kind == "text/plain" or kind.startswith("multipart/"):
        parts.plain.append(part)  # a multipart without a boundary comes as one text: better raw lines than nothing
    else:
        parts.attachments.append(kind)


def _text(part: Mail) -> str:
    raw = attempt(lambda: part.get_payload(decode=True), None)
    if not isinstance(raw, bytes):
        raw = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return decode(raw, attempt(part.get_content_charset, None))


def _stripped(part: Mail) -> str:
    html = _text(part)
    if len(html) > MAX_HTML:
        raise InvalidTicketError(f"the HTML text has {len(html):,} characters; at most {MAX_HTML:,} are read")
    return html_to_text(html)


def _joined(texts: Iterator[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _file_name(part: Mail) -> str:
    return attempt(lambda: " ".join(str(part.get_filename() or "").split()), "")
