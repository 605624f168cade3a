"""HTML to lines for a reader: scripts and styles go, blocks become lines, entities become letters.

The standard parser takes quadratic time on markup that is never closed, and tree builders on deep nesting; mail comes
from anybody. This scanner looks at every character a bounded number of times and raises nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from producers.mail.markup.containers import Containers
from producers.mail.markup.pictures import instead_of
from producers.mail.markup.roles import role
from producers.mail.markup.visibility import Visibility
from producers.mail.reply.lines import Line, Mark

_MARKUP = re.compile(r"<(?:(!--)|[!?]|(/?)([a-zA-Z][a-zA-Z0-9]*))")
_SILENT = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "title")}
_BREAKS = {"br": "\n"}
_BREAKS |= dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"), "\n")
_BREAKS |= dict.fromkeys(("div", "tr", "li", "ul", "ol", "table", "section", "article", "header", "footer"), "\v")
_BREAKS |= dict.fromkeys(("td", "th"), " ")
"""What a tag puts between the words on both sides; a \\v ends the line only where something stands in it."""

_OUTLOOK = (" class=MsoNormal", ' class="MsoNormal')
_CUT = "[… the rest of the page was left out …]"
_MAX_HIDDEN = 1_000
_WORD = re.compile(r"\w{2,60}")
_REPEATED = 0.3
"""Share of new words in a hidden text above which it says something of its own."""

_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a page, and the text that the page hides from its reader outside of quotes."""

    lines: Sequence[Line]
    hidden: str = ""
    is_all_hidden: bool = False

    @property
    def hides(self) -> bool:
        """Whether the hidden text says something that the text which is seen does not; previews repeat it."""
        words = set(_WORD.findall(self.hidden.lower()))
        seen = {word for line in self.lines for word in _WORD.findall(line.text.lower())} if words else set()
        return self.is_all_hidden or len(words - seen) > _REPEATED * len(words)


def read_page(html: str, *, max_chars: int = 10_000_000) -> Page:
    """Strip markup. In doubt something is text: a customer's words must not vanish with a broken tag.

    After `max_chars` characters the rest is left out, and the last line says so. A page that hides all of its text is
    read as if it hid nothing.
    """
    scanner = _Scanner(html)
    lines = _lines(scanner, max_chars)
    if scanner.has_hidden and not any(line.text for line in lines):
        return Page(_lines(_Scanner(html, shows_all=True), max_chars), " ".join(scanner.hidden), is_all_hidden=True)
    return Page(lines, " ".join(scanner.hidden))


def html_lines(html: str) -> Sequence[Line]:
    """Return what a reader sees of a page."""
    return read_page(html).lines


def _lines(scanner: "_Scanner", max_chars: int) -> list[Line]:
    lines: list[Line] = []
    parts: list[str] = []
    mark: Mark | None = None  # that of the line's first words
    for text, now in scanner.pieces():
        max_chars -= len(text)
        if max_chars < 0:
            parts.append(f"{text[:max_chars]} {_CUT}")
            break
        if text == "\v" and mark is None:
            continue
        if text in ("\n", "\v"):
            lines.append(_line(parts, mark or now))
            parts, mark = [], None
            continue
        parts.append(text)
        if mark is None and text.strip():
            mark = now
    lines.append(_line(parts, mark or Mark.PLAIN))
    return lines


def _line(parts: list[str], mark: Mark) -> Line:
    return Line(_SPACES.sub(" ", "".join(parts)).strip(), mark)


class _Scanner:
    def __init__(self, html: str, *, shows_all: bool = False) -> None:
        self._html = html
        self._visibility = Visibility(html)
        self._shows_all = shows_all
        self.hidden: list[str] = []
        self.has_hidden = False
        self._never_closed: set[str] = set()
        self._containers = Containers()
        self._is_outlook = False

    def pieces(self) -> Iterator[tuple[str, Mark]]:
        """Texts between the tags, and a line break for each block."""
        html, at = self._html, 0
        while (start := html.find("<", at)) >= 0:
            if start > at:
                yield from self._seen(html[at:start])
            markup = _MARKUP.match(html, start)
            end = self._end(markup) if markup else None
            if markup is None or end is None:  # a bare "<", or a tag that never ends
                yield "<", self._containers.mark
                at = start + 1
                continue
            yield from self._tag(markup, end)
            at = end
        yield from self._seen(html[at:])

    def _seen(self, data: str) -> Iterator[tuple[str, Mark]]:
        mark = self._containers.mark
        if self._shows_all or not self._visibility.is_hidden:
            yield _text(data), mark
        elif text := _text(data).strip():
            self.has_hidden = True
            # What a quoted mailing hides, its reader did not write.
            if mark not in (Mark.CITED, Mark.HISTORY) and len(self.hidden) < _MAX_HIDDEN:
                self.hidden.append(text[:_MAX_HIDDEN])

    def _tag(self, markup: "re.Match[str]", end: int) -> Iterator[tuple[str, Mark]]:
        name = (markup[3] or "").lower()
        if name in _BREAKS and (self._shows_all or not self._visibility.is_hidden):
            yield self._between(name, markup), self._containers.mark
        if not name:
            return
        tag = self._html[markup.start() : end]
        if markup[2]:
            self._containers.close(name)
            self._visibility.close(name)
        else:
            self._containers.open(name, role(name, tag))
            self._visibility.open(name, tag)
            if name == "img" and not self._visibility.is_hidden and (said := instead_of(tag)):
                yield said, self._containers.mark

    def _between(self, name: str, markup: "re.Match[str]") -> str:
        # Outlook's paragraphs are lines, also empty ones; elsewhere what closes a block needs no empty line below it.
        is_close = bool(markup[2])
        if name == "p" and not is_close:
            self._is_outlook = self._html.startswith(_OUTLOOK, markup.end())
        is_line = name != "br" and is_close is not (name == "p" and self._is_outlook)
        return "\v" if is_line and _BREAKS[name] == "\n" else _BREAKS[name]

    def _end(self, markup: "re.Match[str]") -> int | None:
        """Find where the text goes on behind a tag, comment or script; None where it never ends."""
        end = self._find("-->" if markup[1] else ">", markup.end())
        name = (markup[3] or "").lower()
        if end is None or markup[2] or name not in _SILENT or name in self._never_closed:
            return end
        close = _SILENT[name].search(self._html, end)
        if close is None:
            self._never_closed.add(name)
            return end
        return close.start()

    def _find(self, what: str, start: int) -> int | None:
        # What is not found from here on will not be found further on: looking again would be quadratic.
        if what in self._never_closed:
            return None
        at = self._html.find(what, start)
        if at < 0:
            self._never_closed.add(what)
            return None
        return at + len(what)


def _text(data: str) -> str:
    """A line break of the source is a space; only markup breaks lines."""
    return unescape(data.replace("\r", " ").replace("\n", " ").replace("\v", " "))
