"""The standard parser with bounds: it takes quadratic time on deep nesting, and memory by the line."""

import re
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from typing import Any, TypeAlias

from producers.mail.mime.mending import mended

Mail: TypeAlias = "Message[Any, Any]"  # subscripts of it exist for type checkers only

MAX_LINES = 1_000_000
"""Of 76 letters each, 50 MB; a shorter line costs as much memory as a long one."""

MAX_HEADER = 16_384
"""Parameters and encoded words are parsed in quadratic time where they are broken."""
MAX_NESTED = 200
_WORK = 20_000_000
"""Lines times open multiparts: the parser holds each line against every boundary."""

_CUT = b"\n[... the message has too many lines; the rest was left out here ...]\n"
_NESTING = re.compile(r"\s*(?:multipart|message)/", re.IGNORECASE)


def parse(raw: bytes) -> Mail:
    """Parse a message. What nests too deep or has too many lines is read as plain text from there on; never raises."""
    raw, lines = _bounded(mended(raw))
    rules = _rules(_Left(max(20, min(MAX_NESTED, _WORK // (lines + 1)))))
    with suppress(Exception):  # RecursionError, and what the parser makes of broken mail is anybody's guess
        return BytesParser(policy=rules).parsebytes(raw)
    return parse_flat(raw)


def parse_flat(raw: bytes) -> Mail:
    """Read the headers only, and all the rest as one text."""
    return BytesParser(policy=_rules(_Left(0))).parsebytes(raw, headersonly=True)


def _rules(left: "_Left") -> Compat32:
    return _Rules(nested_left=left)  # type: ignore[call-arg]  # a policy takes whatever its class has


class _Left:
    """A number that counts down: policies are immutable."""

    def __init__(self, number: int) -> None:
        self.number = number

    def take(self) -> bool:
        self.number -= 1
        return self.number >= 0


class _Rules(Compat32):
    """Headers as they stand, each with a bound; only so many parts that hold parts."""

    nested_left: _Left = _Left(0)

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        value = value[:MAX_HEADER]
        if name.lower() == "content-type" and _NESTING.match(value) and not self.nested_left.take():
            return name, "text/plain"
        return name, value


def _bounded(raw: bytes) -> tuple[bytes, int]:
    lines = raw.count(b"\n") + raw.count(b"\r")
    if lines <= 2 * MAX_LINES:  # CRLF counts twice
        return raw, lines
    at = 0
    for _ in range(MAX_LINES):
        at = raw.find(b"\n", at) + 1
        if at == 0:
            return raw[:MAX_LINES], MAX_LINES  # line ends of another kind
    return raw[:at] + _CUT, MAX_LINES
