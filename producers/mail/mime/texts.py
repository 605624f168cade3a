"""The texts of a message in reading order, nothing twice.

Of alternatives the plain text is read, the HTML where that says nothing, and both where they say different things.
"""

import re
from collections.abc import Sequence

from producers.mail.alternatives import MAX_UNSAID, compared
from producers.mail.markup.scanner import Page, read_page
from producers.mail.mime.attachments import content_type
from producers.mail.mime.bounds import cut
from producers.mail.mime.parsing import Mail
from producers.mail.mime.parts import children, is_attached, is_text, leaves, text_of
from producers.mail.mime.uuencoded import without_files
from producers.mail.reply.lines import Line, plain_lines

MAX_HTML = 2 * 1024 * 1024
"""Characters of HTML that are looked through, without the pictures that may stand in it as text."""

MAX_READ = 400_000
"""Bytes of text of one message that are looked through, all parts together."""

_MAX_RAW_HTML = 16 * 1024 * 1024
_PICTURE = re.compile(r"data:[a-z]{1,20}/[^\"'()<>\s]+", re.IGNORECASE)
_MAX_DEPTH = 30
_SAME = 0.9
_MAX_COMPARED = 5
_PAGES = ("text/html", "multipart/related", "multipart/mixed", "multipart/alternative", "multipart/signed")
_WORD = re.compile(r"\w+")


class Reader:
    """Reads texts until it has read enough.

    `seen` are all lines so far, `files` what stood in them as uuencode, their HTML `hides` something; alternatives
    may `differ`. `context` are bytes of the mail by which a charset is guessed.
    """

    def __init__(self, context: bytes = b"") -> None:
        self._context = context
        self.seen: list[Line] = []
        self.files: tuple[str, ...] = ()
        self.hides = False
        self.differ = False
        self._left = MAX_READ
        self._unsaid = ""
        self._comparisons = _MAX_COMPARED

    def lines(self, part: Mail, depth: int = 0) -> Sequence[Line]:
        """Return what a reader sees of a part and the parts in it, without attachments."""
        kind = content_type(part)
        if is_text(part):
            return [] if is_attached(part) and depth else self.part(part)
        if not kind.startswith("multipart/"):
            return []
        if depth > _MAX_DEPTH:
            return self._all([leaf for leaf in leaves(part) if is_text(leaf)], depth)
        inner = children(part)
        if kind == "multipart/alternative":
            return self._alternative(inner, depth)
        return self._all(inner, depth)

    def take_unsaid(self) -> str:
        """Return what only the HTML said since this was asked last."""
        unsaid, self._unsaid = self._unsaid, ""
        return unsaid

    def part(self, part: Mail) -> Sequence[Line]:
        """Return the lines of one text."""
        if self._left <= 0:
            return []
        if content_type(part) == "text/html":
            page = html_page(text_of(part, _MAX_RAW_HTML, self._context), max_chars=self._left)
            self.hides |= page.hides
            lines: Sequence[Line] = page.lines
        else:
            text, files = without_files(cut(text_of(part, 2 * MAX_READ, self._context), self._left))
            self.files += files
            lines = plain_lines(text)
        self._left -= sum(len(line.text) + 1 for line in lines)
        self.seen += lines
        return lines

    def _alternative(self, parts: Sequence[Mail], depth: int) -> Sequence[Line]:
        plain = self._first([part for part in parts if content_type(part) == "text/plain"], depth)
        others = sorted(parts, key=lambda part: content_type(part) not in _PAGES)
        if not says_something(plain):
            return self._first([part for part in others if content_type(part) != "text/plain"], depth)
        if self._comparisons <= 0:
            return plain
        self._comparisons -= 1
        left, seen, files = self._left, len(self.seen), self.files
        self._left = MAX_READ
        page = self._first([part for part in others if content_type(part) in _PAGES], depth)
        found = compared(plain, page) if says_something(page) else None
        if found and found.is_stub:
            return page
        self._left, self.files = left, files
        del self.seen[seen:]
        if found and found.differ:
            self.differ = True
            self._unsaid = cut("\n".join((self._unsaid, *found.only_html)).strip(), MAX_UNSAID)
        return plain

    def _first(self, parts: Sequence[Mail], depth: int) -> Sequence[Line]:
        return next((lines for part in parts if says_something(lines := self.lines(part, depth + 1))), [])

    def _all(self, parts: Sequence[Mail], depth: int) -> Sequence[Line]:
        found: list[Line] = []
        for part in parts:
            lines = self.lines(part, depth + 1)
            # Programs that know no alternatives send their text twice.
            if says_something(lines) and not (content_type(part) == "text/html" and _is_same(lines, found)):
                found += [*([Line("")] if found else []), *lines]
        return found


def says_something(lines: Sequence[Line]) -> bool:
    """Tell whether there is anything to read."""
    return any(line.text.strip(" \t\xa0\u200b\u200c\u200d\u2060\xad") for line in lines)


def html_page(html: str, *, max_chars: int = MAX_READ) -> Page:
    """Read a page, as far as it is looked through."""
    return read_page(cut(_PICTURE.sub("", html), MAX_HTML), max_chars=max_chars)


def _is_same(lines: Sequence[Line], others: Sequence[Line]) -> bool:
    words = {word for line in lines for word in _WORD.findall(line.text)}
    known = {word for line in others for word in _WORD.findall(line.text)}
    return bool(words) and len(words & known) >= _SAME * len(words)
