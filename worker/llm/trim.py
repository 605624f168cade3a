"""Fit a ticket's text into the tier's token budget: thread history goes first, then the middle; head and tail stay.

What customers ask stands at the top, what they sign and forward at the end; what lies between says least.
"""

import re
from dataclasses import dataclass

BYTES_PER_TOKEN = 4
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


def trim(text: str, max_tokens: int) -> Trimmed:
    """Shorten a text to about `max_tokens` (four bytes each); a text that fits is left as it is."""
    limit = max_tokens * BYTES_PER_TOKEN
    if len(text.encode()) <= limit:
        return Trimmed(text)
    own = _without_history(text)
    history = len(text) - len(own) if own.strip() else 0  # a bare forward is the message itself
    if history:
        text = f"{own.rstrip()}\n[thread history of {history} characters left out]"
        if len(text.encode()) <= limit:
            return Trimmed(text, history)
    head, tail = _head(text, int(limit * HEAD_SHARE)), _tail(text, limit - int(limit * HEAD_SHARE))
    middle = len(text) - len(head) - len(tail)
    return Trimmed(f"{head}\n[{middle} characters left out]\n{tail}", history, middle)


def _without_history(text: str) -> str:
    kept = []
    for line in text.splitlines(keepends=True):
        if _REST.match(line):
            break
        if not _QUOTED.match(line.rstrip("\r\n")):
            kept.append(line)
    return "".join(kept)


def _head(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def _tail(text: str, limit: int) -> str:
    return text.encode()[-limit:].decode(errors="ignore") if limit > 0 else ""
