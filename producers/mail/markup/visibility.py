"""Which text of a page is seen, tag by tag, as a browser closes tags: what is hidden ends where its element ends."""

import re
from collections import defaultdict
from html import unescape

from producers.mail.markup.css import declarations
from producers.mail.markup.hiding import Look, look
from producers.mail.markup.sheet import page_sheet

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
_NEVER_SEEN = {"datalist", "dialog", "iframe", "noembed", "noframes", "object", "template"}
_BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "details",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
} | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "html", "li", "main", "nav", "ol", "p", "pre"}
_BLOCKS |= {"section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
_SCOPES = {"table", "td", "th"}
_CELLS = ("td", "th")
_ROWS = ("tr", *_CELLS)
_CLOSES = {"li": ("li",), "td": _CELLS, "th": _CELLS, "tr": _ROWS, "dd": ("dd", "dt"), "dt": ("dd", "dt")}
_CLOSES |= dict.fromkeys(("tbody", "thead", "tfoot"), ("tbody", "thead", "tfoot", *_ROWS))
_AROUND = {"li": ("ul", "ol", *_CELLS), "dd": ("dl", *_CELLS), "dt": ("dl", *_CELLS)}
_PARTS_OF_TABLES = {"table", "tbody", "thead", "tfoot", *_ROWS}
_ENDS_A_PARAGRAPH = _BLOCKS - {"html", "body", "td", "th", "tr", "tbody", "thead", "tfoot"} | {"hr"}

_LONGEST = 4_000
_MAX_OPEN = 20_000
_MAX_LOOKS = 2_000
_PREHEADER = re.compile(r"(?:\w{1,12}-)?(?:pre-?header|preview-?text|mcnpreviewtext)", re.IGNORECASE)
"""What mailings call the text that is for the list of mails only."""

_ATTRIBUTE = re.compile(
    r"\s(style|class|id|color|bgcolor|background|text|hidden|size)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
    r"|(?=[\s/>]))",
    re.IGNORECASE,
)


class Visibility:
    """The look of the text at a place, opened and closed tag by tag."""

    def __init__(self, html: str) -> None:
        self._sheet = page_sheet(html)
        self._open: list[tuple[str, Look]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._blocks: list[int] = []
        self._scopes: list[int] = []
        self._page = Look()
        self._looks: dict[tuple[str, Look], Look] = {}

    @property
    def is_hidden(self) -> bool:
        """Whether nobody sees a text at this place."""
        return self._now.is_hidden

    @property
    def _now(self) -> Look:
        return self._open[-1][1] if self._open else self._page

    def open(self, name: str, tag: str) -> None:
        """Note an opening tag."""
        if name in _ENDS_A_PARAGRAPH:
            self._close_above("p", _last(self._scopes))
        for other in _CLOSES.get(name, ()):
            self._close_above(other, max(_last(self._places[around]) for around in _AROUND.get(name, ("table",))))
        if name in _VOID:
            return
        now = self._look(name, tag)
        if name in ("body", "html"):
            self._page = now
        elif len(self._open) < _MAX_OPEN and not tag.endswith("/>"):
            self._push(name, now)

    def close(self, name: str) -> None:
        """Note a closing tag. Like in a browser, one of a word does not close the blocks inside."""
        if name in _PARTS_OF_TABLES:
            self._close_above(name, _last(self._places["table"]))
        else:
            self._close_above(name, _last(self._scopes if name in _BLOCKS else self._blocks))

    def _look(self, name: str, tag: str) -> Look:
        # A page has few kinds of tags, each of them many times.
        key = (tag, self._now)
        known = self._looks.get(key)
        if known is None:
            known = look(self._now, self._values(name, tag))
            if len(self._looks) < _MAX_LOOKS and len(tag) <= _LONGEST:
                self._looks[key] = known
        return known

    def _push(self, name: str, now: Look) -> None:
        place = len(self._open)
        self._open.append((name, now))
        self._places[name].append(place)
        if name in _BLOCKS:
            self._blocks.append(place)
        if name in _SCOPES:
            self._scopes.append(place)

    def _close_above(self, name: str, barrier: int) -> None:
        place = _last(self._places[name])
        if place < max(barrier, 0):
            return
        while len(self._open) > place:
            closed, _ = self._open.pop()
            self._places[closed].pop()
        for stack in (self._blocks, self._scopes):
            while stack and stack[-1] >= place:
                stack.pop()

    def _values(self, name: str, tag: str) -> dict[str, str]:
        found = {key.lower(): unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(tag[:_LONGEST])}
        values = self._sheet.values(name, found.get("class", "").split()[:20], found.get("id", "").strip())
        values |= _from_attributes(name, found)
        values |= declarations(found["style"]) if "style" in found else {}
        if name == "a" and "color" not in values and "href" in tag[:_LONGEST].lower():
            values["color"] = "link"  # browsers give links a colour of their own
        is_closed = name in _NEVER_SEEN and not (name == "dialog" and " open" in tag)
        if is_closed or any(map(_PREHEADER.fullmatch, (*found.get("class", "").split(), found.get("id", "")))):
            values["hidden"] = ""
        return values


def _last(places: list[int]) -> int:
    return places[-1] if places else -1


def _from_attributes(name: str, found: dict[str, str]) -> dict[str, str]:
    values = {}
    if "bgcolor" in found:
        values["background-color"] = found["bgcolor"].lower()
    if "background" in found:
        values["background-image"] = found["background"]
    shade = found.get("color" if name in ("font", "basefont") else "text" if name == "body" else "", "")
    if shade:
        values["color"] = shade.lower()
    if name == "font" and "size" in found:
        values["font-size"] = "16px"
    if "hidden" in found:
        values["hidden"] = ""
    return values
