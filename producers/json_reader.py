"""JSON parsing, the same for files, the HTTP API, Redis and webhooks: strict where programs differ, never silent.

A byte order mark is skipped, NUL characters are dropped, half a surrogate pair becomes U+FFFD. A name that stands
twice in one object is refused, as programs differ in which of the two they take; so are NaN and Infinity.
"""

import json
import math
import re
from contextlib import suppress
from typing import Any

MAX_DEPTH = 100
"""Brackets within brackets; a parser's stack has an end."""

MAX_VALUES = 500_000
"""Values in one text: a list of two million zeros is small to send and large to hold."""

_MARK = b"\xef\xbb\xbf"
_ODD = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
# Possessive, so that a text of escapes alone costs no memory to go back in; a string that never ends is one token.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]},]', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")


class JsonError(ValueError):
    """The text is no JSON that is taken; its message says why, and never repeats the text."""


class RepeatedNameError(JsonError):
    """A name stands twice in one object."""


def read_json(raw: bytes) -> Any:
    """Parse a text of JSON in UTF-8; raises JsonError."""
    content = raw.removeprefix(_MARK)
    _ensure_bounded(content)
    try:
        value = _decode(_text_of(content))
    except UnicodeDecodeError as error:
        place = error.start + 1
        raise JsonError(f"not UTF-8 (byte 0x{content[error.start]:02x} at column {place})") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON: {error.msg} ({_place(error)})") from None
    except JsonError:
        raise
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    except ValueError:  # the interpreter's own bound on digits
        raise JsonError("not JSON that is taken: a number has thousands of digits") from None
    return _cleaned(value) if _ODD.search(content) else value


def _text_of(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        # Java and others write a pair half by half. The first reading tells the place of what fits neither way.
        with suppress(UnicodeDecodeError):
            halves = content.decode("utf-8", "surrogatepass")
            return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        raise


_TOO_DEEP = f"not JSON that is taken: more than {MAX_DEPTH} brackets within one another"


def _ensure_bounded(content: bytes) -> None:
    opened = content.count(b"[") + content.count(b"{")
    if opened <= MAX_DEPTH and (len(content) <= MAX_VALUES or content.count(b",") <= MAX_VALUES - MAX_DEPTH):
        return  # not even where each of them is no part of a string
    depth = values = 0
    for match in _TOKEN.finditer(content):
        match match.group()[:1]:
            case b"[" | b"{":
                depth, values = depth + 1, values + 1
            case b"]" | b"}":
                depth -= 1
            case b",":
                values += 1
        if depth > MAX_DEPTH:
            raise JsonError(_TOO_DEEP)
        if values > MAX_VALUES:
            raise JsonError(f"not JSON that is taken: more than {MAX_VALUES:,} values in one text")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RepeatedNameError("a name stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise JsonError(f"not JSON: {name} is no number of JSON")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonError("not JSON that is taken: a number is too large")
    return number


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_refuse_constant).decode


def _place(error: json.JSONDecodeError) -> str:
    return f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value.replace("\0", ""))
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return _object([(_cleaned(name), _cleaned(item)) for name, item in value.items()])
    return value
