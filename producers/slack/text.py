"""Slack's markup as a person reads it: links, mentions and entities in plain words."""

import re
from html import unescape

_ANGLES = re.compile(r"<([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")


def plain(text: str) -> str:
    """Undo `<…>` and the three entities that Slack writes; what is no markup stays as it is."""
    return unescape_three(_ANGLES.sub(_read, text))


def _read(match: "re.Match[str]") -> str:
    target, label = match[1], match[2]
    if target.startswith("!"):  # <!here>, <!subteam^S1|@team>, <!date^…|fallback>
        return label or f"@{target[1:].split('^')[0]}"
    if target.startswith(("@", "#")):
        return f"{target[0]}{(label or target[1:]).lstrip('@#')}"
    if not label or target in (label, f"mailto:{label}"):
        return target.removeprefix("mailto:")
    return f"{label} ({target.removeprefix('mailto:')})"


def unescape_three(text: str) -> str:
    """Slack writes these three, and no other; `&copy;` is what somebody typed."""
    return re.sub(r"&(?:amp|lt|gt);", lambda match: unescape(match[0]), text)
