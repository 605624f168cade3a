"""Texts cut to fit, saying how much was left out: head and tail stay, for that is where people ask."""

import re

_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that reverse what follows: they make a reader see other words than stand there."""


def cleaned(text: str) -> str:
    """Drop characters that nobody sees, and give every line the same end."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def cut(text: str, limit: int) -> str:
    """Cut the middle out of a text of more than `limit` UTF-8 bytes; a bracketed line says what is missing."""
    if len(text) * 4 <= limit or len(raw := text.encode("utf-8", "replace")) <= limit:
        return text
    room = max(0, limit - 100)
    head = raw[: room * 3 // 4].decode("utf-8", "ignore")
    tail = raw[len(raw) - room // 4 :].decode("utf-8", "ignore")
    missing = len(text) - len(head) - len(tail)
    return f"{head.rstrip()}\n\n[… {missing:,} characters were left out here …]\n\n{tail.lstrip()}"
