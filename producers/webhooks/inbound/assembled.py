"""A mail put together again from the pieces that a provider made of it, so that all mail is read by one parser."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_FILLER = 25 * 1024 * 1024
"""Files that were left elsewhere are stood in for by blanks, so that their size is told: all together so many."""

_NAME = re.compile(r"[!-9;-~]+")
_BREAKS = re.compile(r"[\r\n]+[ \t]*")
_KIND = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_REPORT = re.compile(r"multipart/report\b.*", re.IGNORECASE | re.DOTALL)
_BOUNDARY = re.compile(r";\s*boundary=(?:\"[^\"]*\"|[^;\s]*)", re.IGNORECASE)
_OF_THE_BODY = ("content-type", "content-transfer-encoding", "mime-version", "content-length", "content-disposition")
"""These told how the mail was packed, and now it is packed anew."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail; of one that was left elsewhere only `size` is known."""

    name: str
    kind: str
    content: bytes = b""
    size: int = 0

    @classmethod
    def from_base64(cls, name: str, kind: str, content: str, size: int = 0) -> "Attached":
        """Take a file as JSON carries it."""
        try:
            return cls(name, kind, base64.b64decode(content), size)
        except (binascii.Error, ValueError):
            return cls(name, kind, b"", size or len(content) * 3 // 4)


def assemble(headers: Headers, text: str, html: str, attached: Iterable[Attached] = ()) -> bytes:
    """Write a mail. The same pieces give the same bytes: without a Message-ID, they tell whether it came before."""
    bodies = [part for kind, body in (("plain", text), ("html", html)) if body for part in [_body(kind, body)]]
    parts = [_alternative(bodies)] if len(bodies) > 1 else bodies
    left = MAX_FILLER
    for item in attached:
        blanks = 0 if item.content else min(max(item.size, 0), left)
        left -= blanks
        parts.append(_file(item, blanks))
    head = b"".join(_line(name, value) for name, value in headers if name.lower() not in _OF_THE_BODY)
    return head + b"MIME-Version: 1.0\r\n" + _container(_report(headers) or "multipart/mixed", parts)


def value_of(headers: Headers, name: str) -> str:
    """Return the first header of this name, empty where there is none."""
    return next((value for key, value in headers if key.lower() == name), "")


def with_defaults(headers: Headers, *defaults: tuple[str, str]) -> Headers:
    """Add headers that are missing, where there is something to say."""
    return headers + [(name, value) for name, value in defaults if value and not value_of(headers, name.lower())]


def unfolded(block: str) -> Headers:
    """Part a block of header lines; what is no header is left out."""
    lines = re.sub(r"\r?\n[ \t]+", " ", block).splitlines()
    pairs = (line.partition(":") for line in lines)
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon]


def _report(headers: Headers) -> str:
    # Bounces are known by it.
    found = _REPORT.match(value_of(headers, "content-type").strip())
    return _BOUNDARY.sub("", _clean(found.group())) if found else ""


def _alternative(bodies: list[bytes]) -> bytes:
    return _container("multipart/alternative", bodies)


def _container(kind: str, parts: list[bytes]) -> bytes:
    # Made of the parts themselves, so it stands in none of them.
    boundary = b"=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:40].encode()
    head = f"Content-Type: {kind}; boundary=".encode() + b'"' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def _body(kind: str, text: str) -> bytes:
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode() + text.encode("utf-8", "replace")


def _file(item: Attached, blanks: int) -> bytes:
    kind = item.kind.split(";")[0].strip().lower()
    kind = kind if _KIND.fullmatch(kind) else "application/octet-stream"
    name = "".join(f"%{byte:02X}" for byte in item.name.encode("utf-8", "replace"))
    head = f"Content-Type: {kind}\r\nContent-Disposition: attachment; filename*=utf-8''{name}\r\n".encode()
    if kind.startswith("message/"):  # may not be encoded
        return head + b"\r\n" + item.content
    if not item.content:
        return head + b"\r\n" + b" " * blanks
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(item.content)


def _line(name: str, value: str) -> bytes:
    return f"{name}: {_clean(value)}\r\n".encode("utf-8", "replace") if _NAME.fullmatch(name) else b""


def _clean(value: str) -> str:
    return _BREAKS.sub(" ", value).strip()
