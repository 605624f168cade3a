"""Text in headers: encoded words (RFC 2047), whole or cut short, and bare bytes in whatever charset."""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from producers.mail.charsets import decode, decode_bare
from producers.mail.mime.bounds import cleaned

_OPENING = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,30})?\?([bq])\?", re.IGNORECASE)
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_TWO_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_CLOSING = "?="
_CHARSET, _KIND = itemgetter(0), itemgetter(1)


def decoded(text: str, charset: str | None = None, context: bytes = b"") -> str:
    """Decode what stands in a header, on one line.

    Bare bytes (which come as surrogates) are UTF-8, else in the mail's `charset`, else in the one that they and
    `context`, other bytes of the mail, look like.
    """
    if not text.isascii() or "\x1b" in text:
        text = decode_bare(text.encode("utf-8", "surrogateescape"), charset, context)
    text = " ".join(text.split())
    if "=?" in text:
        text = "".join(_pieces(text))
    return " ".join(cleaned(text).split())


def _pieces(text: str) -> Iterator[str]:
    at = 0
    words: list[tuple[str, str, str]] = []
    openings = list(_OPENING.finditer(text))
    for number, opening in enumerate(openings):
        limit = openings[number + 1].start() if number + 1 < len(openings) else len(text)
        between = text[at : opening.start()]
        if between.strip() or not words:  # white space between words is none
            yield from (_read(words), between)
            words = []
        payload, at = _payload(text, opening.end(), limit, is_quoted=opening[2] in "qQ")
        words.append((opening[1].lower(), opening[2].lower(), payload))
    yield from (_read(words), text[at:])


def _read(words: Sequence[tuple[str, str, str]]) -> str:
    """Decode words that follow each other. A letter may be split over two, and so may the letters of base64."""
    return "".join(
        decode(
            b"".join(_bytes_of(kind, [payload for *_, payload in same]) for kind, same in groupby(together, _KIND)),
            name,
        )
        for name, together in groupby(words, _CHARSET)
    )


def _bytes_of(kind: str, payloads: list[str]) -> bytes:
    if kind == "q":
        return b"".join(map(_quoted, payloads))
    return b"".join(map(_base64, "".join(payloads).replace("=", "= ").split()))


def _payload(text: str, start: int, limit: int, *, is_quoted: bool) -> tuple[str, int]:
    end = text.find(_CLOSING, start, limit)
    # A question mark that was not encoded, before an encoded letter.
    while is_quoted and end >= 0 and _TWO_HEX.match(text, end + 2) and text.find(_CLOSING, end + 2, limit) >= 0:
        end = text.find(_CLOSING, end + 2, limit)
    if end >= 0:
        return text[start:end], end + 2
    # Cut short: its letters end where white space begins.
    space = text.find(" ", start, limit)
    end = limit if space < 0 else space
    return text[start:end].rstrip("?"), end


def _quoted(payload: str) -> bytes:
    raw = payload.replace("_", " ").encode("utf-8", "surrogateescape")
    return _HEX.sub(lambda found: bytes((int(found[1], 16),)), raw)


def _base64(payload: str) -> bytes:
    letters = _NO_BASE64.sub("", payload)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]  # a single letter more is no byte
    return b64decode(letters + "=" * (-len(letters) % 4))
