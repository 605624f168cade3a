"""Bytes to text under a charset that somebody claims; wrong and unknown names included."""

import re

_BIDI = re.compile(r"-[ie]$")
"""iso-8859-8-i and -e name the direction of the text, which Python's codecs leave out."""


def decode(raw: bytes, charset: str | None) -> str:
    """Decode with the claimed charset, else as UTF-8, else as Western letters, which always goes."""
    for name in (_BIDI.sub("", (charset or "utf-8").lower()), "utf-8"):
        try:
            return raw.decode(name)
        except (LookupError, ValueError, TypeError):  # unknown, no text codec, a NUL in the name, wrong bytes
            continue
    return raw.decode("cp1252", "replace")
