"""The style sheets of a page, as far as they hide something: rules for one class, one id or one tag."""

import re
from collections.abc import Iterator

from producers.mail.markup.css import declarations

_MAX_RULES = 3_000
_LONGEST = 300_000

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE = re.compile(r"<style\b[^>]{0,500}>", re.IGNORECASE)
_KEY = re.compile(r"(?:([a-z][a-z0-9]*)?([.#][\w-]{1,100})|([a-z][a-z0-9]*))$", re.IGNORECASE)
_LAST = re.compile(r"([.#][\w-]{1,100}|\b[a-z][a-z0-9]*)(?::{1,2}[\w-]+)?$", re.IGNORECASE)
_EVERY_READER = re.compile(r"@(?:media\s+(?:only\s+)?(?:screen|all)|layer\b[^{]*|supports\b[^{]*)\s*$", re.IGNORECASE)
_PAGE = {"body", "html"}
_COLOURS = ("color", "background", "background-color", "background-image", "-webkit-text-fill-color")


class Sheet:
    """Declarations by selector. A selector of several parts is not followed, but keeps colours from being believed."""

    def __init__(self) -> None:
        self._rules: dict[str, dict[str, str]] = {}
        self._unsure: set[str] = set()

    def add(self, text: str) -> None:
        """Read the text of a style element."""
        for selector, body in _rules(_COMMENT.sub("", text[:_LONGEST]).replace("<!--", "").replace("-->", "")):
            if len(self._rules) >= _MAX_RULES:
                return
            values = declarations(body)
            for one in selector.split(","):
                self._take(one.strip(), values)

    def values(self, name: str, classes: list[str], identity: str) -> dict[str, str]:
        """Collect what the sheets say of an element; tags first, then classes, then the id."""
        if not self._rules and not self._unsure:
            return {}
        found: dict[str, str] = {}
        keys = [f".{one}" for one in classes] + ([f"#{identity}"] if identity else [])
        for key in (name, *(key for one in keys for key in (one, f"{name}{one}"))):
            found |= self._rules.get(key, {})
        if any(key in self._unsure for key in (name, *keys)):
            found.setdefault("background-image", "unsure")
        return found

    def _take(self, selector: str, values: dict[str, str]) -> None:
        key = _KEY.match(selector)
        if key is None:
            last = _LAST.search(selector[-120:])
            if last and any(name in values for name in _COLOURS):
                self._unsure.add(last[1].lower() if last[1][0] not in ".#" else last[1])
            return
        name = f"{(key[1] or '').lower()}{key[2]}" if key[2] else key[3].lower()
        if key[3] and name not in _PAGE:
            # What a whole kind of tags looks like is overruled in too many ways.
            values = {prop: value for prop, value in values.items() if prop not in (*_COLOURS, "font-size", "font")}
        self._rules[name] = self._rules.get(name, {}) | values


def page_sheet(html: str) -> Sheet:
    """Read all style elements of a page, wherever they stand; those in comments are for one program only."""
    sheet = Sheet()
    at, comment = 0, html.find("<!--")
    while style := _STYLE.search(html, at):
        if 0 <= comment < style.start():
            end = html.find("-->", comment)
            at, comment = (end, html.find("<!--", end)) if end >= 0 else (style.start(), -1)
            continue
        end = html.find("</", style.end())
        while end >= 0 and html[end + 2 : end + 7].lower() != "style":
            end = html.find("</", end + 2)
        if end < 0:
            break
        sheet.add(html[style.end() : end])
        at = end
        if 0 <= comment < at:
            comment = html.find("<!--", at)
    return sheet


def _rules(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while (start := text.find("{", at)) >= 0:
        selector = text[at:start].rsplit("}", 1)[-1].rsplit(";", 1)[-1].strip()
        if selector.startswith("@"):
            # Inside is for some readers only; what is for all of them is read on.
            at = start + 1 if _EVERY_READER.match(selector[:200]) else _end_of_block(text, start)
            continue
        end = text.find("}", start)
        end = len(text) if end < 0 else end
        yield selector[-2_000:], text[start + 1 : end]
        at = end + 1


def _end_of_block(text: str, start: int) -> int:
    depth = 0
    for found in re.finditer(r"[{}]", text[start:]):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            return start + found.end()
    return len(text)
