"""Lines of a message's text, each with what is known about it before any guessing."""

import re
from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """What the sign before a line, or the markup around it, says."""

    PLAIN = "plain"
    """Nothing: the writer's own, as far as anybody knows."""
    CITED = "cited"
    """Quoted by the mail client."""
    INDENTED = "indented"
    """Set in, as clients do with quotes and writers with whatever they like."""
    HISTORY = "history"
    """Here begins what the client copied below the answer."""
    SIGNATURE = "signature"
    """The client's block for the signature."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its end."""

    text: str
    mark: Mark = Mark.PLAIN

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in the line, or only the marks of a quote."""
        return not self.text.strip(" \t>|\xa0\u200b")


_QUOTE = re.compile(r"[ \t]{0,3}>")
_ESCAPED_FROM = re.compile(r"[ \t]{0,3}>From ")
"""Mailbox files put a ">" before a line that begins with "From "."""


def plain_lines(text: str) -> list[Line]:
    """Split plain text; ">" marks what is quoted."""
    return [Line(line, _mark(line)) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _mark(line: str) -> Mark:
    return Mark.CITED if _QUOTE.match(line) and not _ESCAPED_FROM.match(line) else Mark.PLAIN
