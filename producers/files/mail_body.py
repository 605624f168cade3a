"""The text and the attachments of a mail: plain text first, HTML stripped where there is none."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.errors import InvalidTicketError
from producers.files.html_text import html_to_text
from producers.files.mail_headers import Mail, attempt

MAX_HTML = 1024 * 1024
"""The standard parser takes seconds for more; the text in it would be over a ticket's bound anyway."""

_MAX_DEPTH = 30


@dataclass(frozen=True, slots=True)
class Body:
    """What a person reads of a mail; attachments by name, or by type where they have none."""

    text: str
    attachments: tuple[str, ...]


def read_body(mail: Mail) -> Body:
    """Collect the text; too much HTML raises InvalidTicketError."""
    plain: list[str] = []
    html: list[str] = []
    attachments: list[str] = []
    for part in _leaves(mail):
        kind = _kind(part)
        if kind is None:
            attachments.append(_name(part))
        else:
            (html if kind == "html" else plain).append(_text(part))
    text = "\n\n".join(piece.strip() for piece in plain if piece.strip())
    return Body(text or "\n\n".join(_strip(piece) for piece in html), tuple(attachments))


def _leaves(part: Mail, depth: int = 0) -> Iterator[Mail]:
    # A message inside a message is somebody else's words: an attachment, not opened.
    if part.get_content_maintype() != "multipart" or not part.is_multipart() or depth > _MAX_DEPTH:
        yield part
        return
    for inner in part.get_payload():
        if isinstance(inner, type(part)) or hasattr(inner, "get_content_maintype"):
            yield from _leaves(inner, depth + 1)


def _kind(part: Mail) -> str | None:
    """`plain` or `html` for what is read, None for an attachment."""
    disposition = attempt(part.get_content_disposition, None)
    if part.is_multipart() or disposition == "attachment" or _file_name(part):
        return None
    kind = attempt(part.get_content_type, "text/plain")
    if kind == "text/html":
        return "html"
    # A multipart without a boundary comes as one text; better its raw lines than nothing.
    return "plain" if kind == "text/plain" or kind.startswith("multipart/") else None


def _text(part: Mail) -> str:
    raw = attempt(lambda: part.get_payload(decode=True), None)
    if not isinstance(raw, bytes):
        raw = str(part.get_payload()).encode("utf-8", "surrogateescape")
    charset = attempt(part.get_content_charset, None) or "utf-8"
    for name in (charset, "utf-8", "cp1252"):
        text = attempt(lambda name=name: raw.decode(name), None)  # type: ignore[misc]
        if isinstance(text, str):
            return text
    return raw.decode("latin-1")


def _strip(html: str) -> str:
    if len(html) > MAX_HTML:
        raise InvalidTicketError(f"the HTML text has {len(html):,} characters; at most {MAX_HTML:,} are read")
    return html_to_text(html)


def _file_name(part: Mail) -> str:
    return attempt(lambda: str(part.get_filename() or ""), "")


def _name(part: Mail) -> str:
    return " ".join(_file_name(part).split()) or attempt(part.get_content_type, "application/octet-stream")
