"""Which of the mail clients' containers are open at a place of the markup."""

from collections import Counter

from producers.mail.reply.lines import Mark

_MAX_OPEN = 50
"""Deeper nesting says nothing more about a line, and costs time at every closing tag."""


class Containers:
    """Opened and closed tag by tag. Like a browser, a closing tag also closes what was left open inside."""

    def __init__(self) -> None:
        self._depth: Counter[str] = Counter()
        self._open: list[tuple[str, int, Mark]] = []
        self._is_history = False

    @property
    def mark(self) -> Mark:
        """What a text at this place is."""
        if self._is_history:
            return Mark.HISTORY
        marks = [mark for _, _, mark in self._open]
        return next((mark for mark in (Mark.CITED, Mark.SIGNATURE, Mark.INDENTED) if mark in marks), Mark.PLAIN)

    def open(self, name: str, role: Mark | None) -> None:
        """Note an opening tag."""
        if role is Mark.HISTORY and not any(mark is Mark.CITED for _, _, mark in self._open):
            self._is_history = True
        elif role is not None and name != "hr" and len(self._open) < _MAX_OPEN:
            self._open.append((name, self._depth[name], role))
        self._depth[name] += 1

    def close(self, name: str) -> None:
        """Note a closing tag; one that nothing opened is ignored."""
        if not self._depth[name]:
            return
        self._depth[name] -= 1
        for place, (opened, depth, _) in enumerate(self._open):
            if opened == name and depth >= self._depth[name]:
                del self._open[place:]
                return
