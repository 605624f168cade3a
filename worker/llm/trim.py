"""Fit a text into a budget of bytes: thread history goes first, then the middle; head and tail stay.

What customers ask stands at the top, what they sign and forward at the end; what lies between says least.
"""

import json
import re
from dataclasses import dataclass

HEAD_SHARE = 2 / 3

_QUOTED = re.compile(
    r"^(?:>.*|on .{5,120}\bwrote:\s*|am .{5,120}\bschrieb\b.*:\s*|le .{5,120}\ba écrit\s*:\s*"
    r"|el .{5,120}\bescribió:\s*)$",
    re.IGNORECASE,
)
"""A quoted line, or the line that names whom it quotes. Answers between and below them are the customer's own."""

_REST = re.compile(
    r"^-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\b",
    re.IGNORECASE,
)
"""From this line on everything is history."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The text that is sent, and how many characters were left out of it."""

    text: str
    history: int = 0
    middle: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return not (self.history or self.middle)


def escaped(value: object) -> str:
    """Write JSON in which no `<` stands, so that no text can close the block that it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def size_of(text: str) -> int:
    """Count the bytes that a text has when it is sent: a `<` or a control character is six of them."""
    return len(escaped(text).encode()) - 2


def trim(text: str, max_bytes: int) -> Trimmed:
    """Shorten a text to about `max_bytes` of what is sent; a text that fits is left as it is."""
    if size_of(text) <= max_bytes:
        return Trimmed(text)
    own = _without_history(text)
    history = len(text) - len(own) if own.strip() else 0  # a bare forward is the message itself
    if history:
        text = f"{own.rstrip()}\n[thread history of {history} characters left out]"
        if size_of(text) <= max_bytes:
            return Trimmed(text, history)
    start = head(text, int(max_bytes * HEAD_SHARE))
    end = head(text[::-1], max_bytes - int(max_bytes * HEAD_SHARE))[::-1]
    middle = len(text) - len(start) - len(end)
    return Trimmed(f"{start}\n[{middle} characters left out]\n{end}", history, middle)


def head(text: str, max_bytes: int) -> str:
    """Keep what fits of a text's beginning."""
    kept = text[: max(0, max_bytes)]  # no character has less than a byte
    while kept and (size := size_of(kept)) > max_bytes:
        kept = kept[: min(len(kept) - 1, len(kept) * max_bytes // size)]
    return kept


def _without_history(text: str) -> str:
    kept = []
    for line in text.splitlines(keepends=True):
        if _REST.match(line):
            break
        if not _QUOTED.match(line.rstrip("\r\n")):
            kept.append(line)
    return "".join(kept)
