"""HTML to text for a reader: scripts and styles go, blocks become lines, entities become letters."""

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "head", "title", "template"}
_BLOCKS = {
    *("p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("blockquote", "pre", "hr", "section", "article", "header", "footer"),
}
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """Strip markup; whatever the markup is worth, some text comes back and nothing is raised."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError, RecursionError):  # the standard parser gives up on some broken declarations
        reader.parts.append(re.sub(r"<[^<>]{0,2000}>", " ", html[_offset(reader, html) :]))
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(reader.parts).splitlines())
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            self._silent.clear()  # a head that nobody closed ends here
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break of the source is a space; only markup breaks lines.
            self.parts.append(data.replace("\r", " ").replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS and not self._silent:
            self.parts.append("\n")


def _offset(reader: HTMLParser, html: str) -> int:
    line, column = reader.getpos()
    starts = [0, *(match.end() for match in re.finditer("\n", html))]
    return starts[min(line, len(starts)) - 1] + column
