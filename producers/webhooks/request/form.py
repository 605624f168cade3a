"""Forms, urlencoded or multipart, within bounds. Values are bytes: which letters they are, their provider says."""

import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from fleet.errors import InvalidTicketError
from producers.mail.charsets import decode

MAX_PARTS = 2_000
"""CloudMailin sends each header of a mail as a part of its own."""

_MULTIPART = b"multipart/form-data"


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; `file_name` where it is a file, `kind` its type and `charset` its letters as stated."""

    name: str
    value: bytes
    file_name: str = ""
    kind: str = ""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields in the order in which they came; files apart."""

    fields: tuple[Part, ...]
    files: tuple[Part, ...]

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a field or file of this name."""
        return self.raw(name) is not None

    def raw(self, name: str) -> bytes | None:
        """Return the bytes of the first field or file of this name."""
        return next((part.value for part in self.fields + self.files if part.name == name), None)

    def text(self, name: str, charset: str = "") -> str:
        """Return a field as text, empty where it is missing; `charset` is what its provider says of it."""
        found = next((part for part in self.fields + self.files if part.name == name), None)
        return decode(found.value, charset or found.charset or "utf-8") if found else ""


def read_form(content_type: str, body: bytes) -> Form:
    """Read a body; raises InvalidTicketError where it is broken or has too many parts."""
    kind, options = parse_options_header(content_type)
    if kind == _MULTIPART or (not kind and body.startswith(b"--")):
        return _read_multipart(options.get(b"boundary") or body.split(b"\r\n", 1)[0][2:], body)
    return _read_urlencoded(body)


def _read_urlencoded(body: bytes) -> Form:
    pieces = body.strip(b"\r\n").split(b"&", MAX_PARTS)
    if len(pieces) > MAX_PARTS:
        raise InvalidTicketError(f"the form has more than {MAX_PARTS:,} fields")
    pairs = (piece.partition(b"=") for piece in pieces if piece)
    return Form(tuple(Part(_text(_unquoted(name)), _unquoted(value)) for name, _, value in pairs), ())


def _unquoted(written: bytes) -> bytes:
    # The standard library's way takes two hundred times the room of a value of percent signs, before anybody is
    # believed. Quoted-printable has the same escapes under another sign, and its decoder is quick and frugal.
    return binascii.a2b_qp(written.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"="))


def _read_multipart(boundary: bytes, body: bytes) -> Form:
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise InvalidTicketError("the form is no multipart message that can be read") from None
    return Form(
        tuple(part for part in reader.parts if not part.file_name),
        tuple(part for part in reader.parts if part.file_name),
    )


@dataclass(slots=True)
class _Reader:
    """Gathers what the parser calls back with, piece by piece."""

    parts: list[Part] = field(default_factory=list)
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _data: bytearray = field(default_factory=bytearray)

    def callbacks(self) -> Any:
        """What the parser is to call."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": _into(lambda: self._name),
            "on_header_value": _into(lambda: self._value),
            "on_header_end": self._end_of_header,
            "on_part_data": _into(lambda: self._data),
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise InvalidTicketError(f"the form has more than {MAX_PARTS:,} parts")
        self._headers, self._data = {}, bytearray()

    def _end_of_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        _, disposition = parse_options_header(self._headers.get(b"content-disposition", b""))
        kind, options = parse_options_header(self._headers.get(b"content-type", b""))
        self.parts.append(
            Part(
                name=_text(disposition.get(b"name", b"")),
                value=bytes(self._data),
                file_name=_text(disposition.get(b"filename", b"")),
                kind=_text(kind),
                charset=_text(options.get(b"charset", b"")),
            )
        )


def _into(target: Callable[[], bytearray]) -> Callable[[bytes, int, int], None]:
    def take(data: bytes, start: int, end: int) -> None:
        target().extend(data[start:end])

    return take


def _text(raw: bytes) -> str:
    return decode(raw, "utf-8")
