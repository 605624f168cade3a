"""HTML to text for a reader: scripts and styles go, blocks become lines, entities become letters.

The standard parser takes quadratic time on markup that is never closed, and mail comes from anybody. This scanner looks
at every character a bounded number of times and raises nothing.
"""

import re
from html import unescape

_MARKUP = re.compile(r"<(?:(!--)|[!?]|(/?)([a-zA-Z][a-zA-Z0-9]*))")
_SILENT = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "template")}
_BLOCKS = {
    *("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("blockquote", "pre", "hr", "section", "article", "header", "footer"),
}
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """Strip markup. In doubt something is text: a customer's words must not vanish with a broken tag."""
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(_Scanner(html).pieces()).splitlines())
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Scanner:
    def __init__(self, html: str) -> None:
        self._html = html
        self._never_closed: set[str] = set()

    def pieces(self) -> list[str]:
        """Texts between the tags, and a line break for each block."""
        html, at, found = self._html, 0, []
        while (start := html.find("<", at)) >= 0:
            found.append(_text(html[at:start]))
            markup = _MARKUP.match(html, start)
            end = self._end(markup) if markup else None
            if markup is None or end is None:  # a bare "<", or a tag that never ends
                found.append("<")
                at = start + 1
                continue
            if (markup[3] or "").lower() in _BLOCKS:
                found.append("\n")
            at = end
        found.append(_text(html[at:]))
        return found

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
    return unescape(data.replace("\r", " ").replace("\n", " "))
