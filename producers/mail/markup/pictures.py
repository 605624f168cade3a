"""What stands for a picture where it is not shown: an emoji as itself, a description in brackets."""

import re
from html import unescape

_LONGEST = 4_000
_MAX_TEXT = 200
_ALT = re.compile(r"\salt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_NO_PICTURE = re.compile(r"\s(?:width|height)\s*=\s*[\"']?[01](?:px)?[\"'\s/>]", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:inline |embedded )?(?:image|logo|picture|photo|img|icon|spacer|bild|grafik|banner|facebook|twitter|linkedin"
    r"|instagram"
    r"|youtube|xing|avatar|pixel|\W|\d)*|\S{0,100}\.(?:png|jpe?g|gif|bmp|svg|webp|tiff?|heic)|(?:cid|https?):\S*",
    re.IGNORECASE,
)


def instead_of(tag: str) -> str:
    """Return the words for a picture; empty where it has none that say anything."""
    tag = tag[:_LONGEST]
    found = _ALT.search(tag) if "alt" in tag.lower() and not _NO_PICTURE.search(tag) else None
    text = " ".join(unescape(next(filter(None, found.groups()), "")).split())[:_MAX_TEXT] if found else ""
    if text and not any(char.isalnum() for char in text) and not text.isascii():
        return text  # a smiley, which some clients send as a picture
    return "" if not text or _NOTHING.fullmatch(text) else f"[image: {text}]"
