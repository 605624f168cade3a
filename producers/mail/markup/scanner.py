"""HTML to lines for a reader: scripts and styles go, blocks become lines, entities become letters.

The standard parser takes quadratic time on markup that is never closed, and tree builders on deep nesting; mail comes
from anybody. This scanner looks at every character a bounded number of times and raises nothing.
"""

import re
from collections.abc import Iterator
from html import unescape

from producers.mail.markup.containers import Containers
from producers.mail.markup.roles import role
from producers.mail.reply.lines import Line, Mark

_MARKUP = re.compile(r"<(?:(!--)|[!?]|(/?)([a-zA-Z][a-zA-Z0-9]*))")
_SILENT = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "template")}
_BREAKS = {"br": "\n"}
_BREAKS |= dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"), "\n")
_BREAKS |= dict.fromkeys(("div", "tr", "li", "ul", "ol", "table", "section", "article", "header", "footer"), "\v")
_BREAKS |= dict.fromkeys(("td", "th"), " ")
"""What a tag puts between the words on both sides; a \\v ends the line only where something stands in it."""

_OUTLOOK = (" class=MsoNormal", ' class="MsoNormal')
_CUT = "[… the rest of the page was left out …]"
_SPACES = re.compile(r"[^\S\n]+")


def html_lines(html: str, *, max_chars: int = 10_000_000) -> list[Line]:
    """Strip markup. In doubt something is text: a customer's words must not vanish with a broken tag.

    After `max_chars` characters the rest is left out, and the last line says so.
    """
    lines: list[Line] = []
    parts: list[str] = []
    mark: Mark | None = None  # that of the line's first words
    for text, now in _Scanner(html).pieces():
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
    def __init__(self, html: str) -> None:
        self._html = html
        self._never_closed: set[str] = set()
        self._containers = Containers()
        self._is_outlook = False

    def pieces(self) -> Iterator[tuple[str, Mark]]:
        """Texts between the tags, and a line break for each block."""
        html, at = self._html, 0
        while (start := html.find("<", at)) >= 0:
            if start > at:
                yield _text(html[at:start]), self._containers.mark
            markup = _MARKUP.match(html, start)
            end = self._end(markup) if markup else None
            if markup is None or end is None:  # a bare "<", or a tag that never ends
                yield "<", self._containers.mark
                at = start + 1
                continue
            yield from self._tag(markup, end)
            at = end
        yield _text(html[at:]), self._containers.mark

    def _tag(self, markup: "re.Match[str]", end: int) -> Iterator[tuple[str, Mark]]:
        name = (markup[3] or "").lower()
        if name in _BREAKS:
            yield self._between(name, markup), self._containers.mark
        if not name:
            return
        if markup[2]:
            self._containers.close(name)
        else:
            self._containers.open(name, role(name, self._html[markup.start() : end]))

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
