"""JSON documents: arrays, dumps like `{"tickets": […]}` and pretty-printed objects, as a stream of objects.

One object is in memory at a time, whatever the size of the document.
"""

import codecs
import json
import re
from collections.abc import Iterator

from producers.files.jsonl import Row
from producers.files.lines import MAX_LINE_BYTES
from producers.json_reader import JsonError, read_json
from producers.rejection import Rejected

LISTS = ("tickets", "issues", "conversations", "results", "records", "data", "result", "values", "items", "rows")
"""Names under which help desks list what they dump."""

AS_LINES = "jq -c '.[]' makes lines of a list"

_SPACE = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")
_scan = json.JSONDecoder().raw_decode


def list_name(value: object) -> str:
    """Name the list of a dump, or ''; an object with a text of its own is a ticket, whatever it lists."""
    if not isinstance(value, dict) or isinstance(value.get("text", value.get("body")), str):
        return ""
    for name in LISTS:
        items = value.get(name)
        if isinstance(items, list) and (not items or any(isinstance(item, dict) for item in items[:10])):
            return name
    return ""


def read_document(pieces: Iterator[bytes]) -> Iterator[Row | Rejected]:
    """Yield the objects at the top of a text, in a list at its top, or in the list of a dump. Never raises JsonError.

    What cannot be read on from is one rejection: it leaves out the rest, and says so.
    """
    text = _Text(pieces)
    try:
        while mark := text.skip():
            if mark == "[":
                text.step()
                yield from _items(text, "]")
            elif mark == "{" and (row := _object(text)) is not None:
                yield row
            elif mark == "{":
                yield from _dump(text)
            else:
                yield Rejected(text.line, "not an object or a list of objects: the rest of the file is left out")
                return
    except JsonError as error:
        yield Rejected(text.line, f"{error}; the rest of the file is left out ({AS_LINES})")


def _items(text: "_Text", end: str) -> Iterator[Row | Rejected]:
    """Read a list to its end."""
    strays: list[int] = []
    while (mark := text.skip()) != end:
        line = text.line
        if not mark:
            raise JsonError("the JSON ends in the middle: a bracket is not closed")
        raw = text.value()
        if mark == "{":
            yield _row(line, raw)
        else:
            strays.append(line)
    text.step()
    if strays:
        yield Rejected(strays[0], f"{len(strays):,} entries of a list are no objects: a ticket is one {{…}}")


def _object(text: "_Text") -> Row | Rejected | None:
    """Read an object that is a ticket; None, and nothing is read, where it is a dump."""
    line, before = text.line, text.place
    try:
        raw = text.value(keep=True)
    except _TooLargeError:
        return None
    found = _row(line, raw)
    # An entry that is refused must not cost the list it stands in.
    if list_name(found.values if isinstance(found, Row) else json.loads(raw)):
        text.place, text.line = before, line
        return None
    text.drop()
    return found


def _dump(text: "_Text") -> Iterator[Row | Rejected]:
    """Read the lists of an object whose names say that tickets are in them; the other members are skipped."""
    line, number = text.line, 0
    text.step()
    while (mark := text.skip()) != "}":
        if not mark:
            raise JsonError("the JSON ends in the middle: a bracket is not closed")
        name = text.name()
        if name in LISTS and text.skip() == "[":
            text.step()
            for row in _items(text, "]"):
                number += 1
                yield row
        else:
            text.value()
    text.step()
    if not number:
        yield Rejected(line, f"no tickets: none of its members is a list named {', '.join(LISTS[:4])}, …")


def _row(line: int, raw: str) -> Row | Rejected:
    if len(raw) > MAX_LINE_BYTES:
        return Rejected(line, f"the object is longer than {MAX_LINE_BYTES:,} characters")
    try:
        return Row(line, read_json(raw.encode("utf-8", "surrogatepass")))
    except JsonError as error:
        return Rejected(line, str(error))


class _TooLargeError(JsonError):
    """A value is larger than a ticket may be."""


class _Text:
    """A text of which a value is in memory at a time; `line` is that of `place`."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text = ""
        self._is_whole = False
        self.place = 0
        self.line = 1

    def skip(self) -> str:
        """Pass over white space and commas; answers the next letter, or '' at the end."""
        while True:
            match = _SPACE.match(self._text, self.place)
            self._pass(match.end() if match else self.place)
            if self.place < len(self._text) or not self._fill():
                return self._text[self.place : self.place + 1]

    def step(self) -> None:
        """Pass over one letter."""
        self.place += 1

    def name(self) -> str:
        """Read a member's name and the colon behind it."""
        raw = self.value()
        while not (match := _COLON.match(self._text, self.place)) or match.end() == len(self._text):
            if not self._fill():
                raise JsonError("not JSON: a name without a value")
        self._pass(match.end())
        return raw[1:-1]

    def value(self, *, keep: bool = False) -> str:
        """Read a value as it is written; `keep` leaves it in memory for who goes back to it."""
        while (end := self._end()) < 0:
            if len(self._text) - self.place > MAX_LINE_BYTES:
                raise _TooLargeError(f"an object or member is longer than {MAX_LINE_BYTES:,} characters")
            self._fill()
        raw = self._text[self.place : end]
        self._pass(end)
        if not keep:
            self.drop()
        return raw

    def drop(self) -> None:
        """Forget what was read, once it is worth the copying."""
        if self.place > len(self._text) // 2:
            self._text, self.place = self._text[self.place :], 0

    def _end(self) -> int:
        """Find the end of the value at this place; -1 where it may lie behind what was read."""
        try:
            _, end = _scan(self._text, self.place)
        except json.JSONDecodeError as error:
            is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - len("-Infinity")
            if is_cut and not self._is_whole:
                return -1
            if error.msg.startswith("Unterminated") or error.pos >= len(self._text):
                raise JsonError("the JSON ends in the middle: a bracket or quote is not closed") from None
            raise JsonError(f"not JSON: {error.msg}") from None
        except (ValueError, RecursionError) as error:
            raise JsonError(f"not JSON that can be read: {type(error).__name__}") from None
        return end if end < len(self._text) or self._is_whole else -1

    def _fill(self) -> bool:
        """Read on, as much again as is there: so a long value is looked at a few times only."""
        wanted = max(1, len(self._text) - self.place)
        parts: list[str] = []
        while not self._is_whole and wanted > 0:
            piece = next(self._pieces, b"")
            self._is_whole = not piece
            try:
                parts.append(self._decode(piece, not piece))
            except UnicodeDecodeError:
                raise JsonError("not UTF-8") from None
            wanted -= len(parts[-1])
        self._text += "".join(parts)
        return any(parts)

    def _pass(self, end: int) -> None:
        self.line += self._text.count("\n", self.place, end)
        self.place = end
