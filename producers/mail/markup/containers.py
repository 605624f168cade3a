"""Which of the mail clients' containers are open at a place of the markup."""

from collections import defaultdict

from producers.mail.reply.lines import Mark

TAGS = {"div", "blockquote", "hr", "td", "tr", "pre", "section", "table"}
"""What contains other blocks. Inline tags and paragraphs are closed anywhere, which says nothing about these."""

_STRONGEST = (Mark.CITED, Mark.SIGNATURE, Mark.INDENTED)
_MAX_MARKED = 50
"""Deeper nesting says nothing more about a line, and costs time for every text."""


class Containers:
    """Opened and closed tag by tag. Like in a browser, a closing tag also closes what was left open inside."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._marked: list[tuple[int, Mark]] = []
        self._is_history = False

    @property
    def mark(self) -> Mark:
        """What a text at this place is."""
        if self._is_history:
            return Mark.HISTORY
        marks = [mark for _, mark in self._marked]
        return next((mark for mark in _STRONGEST if mark in marks), Mark.PLAIN)

    def open(self, name: str, role: Mark | None) -> None:
        """Note an opening tag."""
        if name not in TAGS:
            return
        if role is Mark.HISTORY and self.mark is not Mark.CITED:
            self._is_history = True
        elif role is not None and name != "hr" and len(self._marked) < _MAX_MARKED:
            self._marked.append((len(self._open), role))
        if name != "hr":
            self._places[name].append(len(self._open))
            self._open.append(name)

    def close(self, name: str) -> None:
        """Note a closing tag; one that nothing opened is ignored."""
        places = self._places[name]
        while places:
            place = places.pop()
            if place < len(self._open) and self._open[place] == name:
                del self._open[place:]
                while self._marked and self._marked[-1][0] >= place:
                    self._marked.pop()
                return
