"""CSV records, strictly first; where a quote does not fit, it is a letter, and one left open costs its own row only."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import TextIO

MAX_FIELD = 1024 * 1024
"""Characters of one field; a quote that never ends must not fill the memory."""

_MAX_LINE = 4 * MAX_FIELD
_MAX_RECORD = 4 * MAX_FIELD
_WASTE, _WASTE_A_LINE = 8 * MAX_FIELD, 200
"""Characters that may be read in vain for quotes left open; after that a record is a short one."""

_SHORT = 1024
_MOST_LINES = 20
"""Lines of a record whose quotes do not fit."""

_SHORTLY = 3
"""Lines behind an open quote that may be a row by themselves."""

_QUOTES = re.compile('"+')
OPEN = "a quote is opened in this row and never closed: the row is left out"


class Lines:
    """Lines of a bounded length, those of the record that is being read kept to go back to."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self._chars = 0
        self._wasted = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and self._is_too_long():
            raise StopIteration  # the record is too long: its reader finds the quote open
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def begin(self) -> int:
        """Begin a record; answers its line."""
        self.number += len(self.taken)
        self.taken.clear()
        return self.number + 1

    def keep(self, number: int) -> None:
        """Give all but the first lines of the record back."""
        rest = self.taken[number:]
        self._again.extendleft(reversed(rest))
        del self.taken[number:]
        self._wasted += sum(map(len, rest))

    def _is_too_long(self) -> bool:
        # Counted on from where it was: a record of many lines must not be summed up at each of them.
        self._chars = len(self.taken[0]) if len(self.taken) == 1 else self._chars + len(self.taken[-1])
        return self._chars > (_SHORT if self.is_spent else _MAX_RECORD)

    @property
    def is_spent(self) -> bool:
        """Whether so much was read in vain that quotes are looked for in the next few lines only."""
        return self._wasted > _WASTE + _WASTE_A_LINE * self.number

    def _read(self) -> str:
        line = self._text.readline(_MAX_LINE)
        if len(line) == _MAX_LINE and line[-1] not in "\r\n":
            while (more := self._text.readline(_MAX_LINE)) and more[-1] not in "\r\n":
                pass
            return f"{line}\n"
        return line


def read_records(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record, or what is wrong with it, with the line it begins at."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    width = 0
    while True:
        line = lines.begin()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _mended(lines, delimiter, width, str(error))
            continue
        if len(lines.taken) > 1 and width and _is_two_rows(lines.taken, record, delimiter, width):
            alone = with_letters(lines.taken[0], delimiter) or lines.taken[0].rstrip("\r\n").split(delimiter)
            lines.keep(1)
            yield line, alone if delimiter == "\t" else OPEN
            continue
        width = width or len(record)
        yield line, record


def _is_two_rows(taken: list[str], record: list[str], delimiter: str, width: int) -> bool:
    """Tell whether a quote that was left open has swallowed a row which is one by itself."""
    is_odd = len(taken[0].rstrip("\r\n").split(delimiter)) == width if delimiter == "\t" else len(record) != width
    return is_odd and _stands_alone(taken[1], delimiter, width)


def _mended(lines: Lines, delimiter: str, width: int, why: str) -> list[str] | str:
    """Read a record again whose quotes do not fit: its first line alone, or as many as it takes to close them."""
    first = lines.taken[0]
    alone: list[str] | str | None = with_letters(first, delimiter)
    if alone is None and delimiter == "\t":
        alone = first.rstrip("\r\n").split(delimiter)
    if len(first) > MAX_FIELD:
        alone = f"not CSV: {why}"
    if alone is not None:
        lines.keep(1)
        return alone
    if lines.is_spent:
        lines.keep(1)
        return OPEN
    while len(lines.taken) <= _SHORTLY and next(lines, ""):
        pass
    after = ("".join(lines.taken[1:number]) for number in range(2, _SHORTLY + 2))
    if len(lines.taken) > 1 and not any(_stands_alone(text, delimiter, width) for text in after):
        for number in range(2, _MOST_LINES):
            made = with_letters("".join(lines.taken[:number]), delimiter)
            if made is not None and len(made) == width:
                lines.keep(number)
                return made
            if len(lines.taken) == number and not next(lines, ""):
                break
    lines.keep(1)
    return OPEN


def _stands_alone(line: str, delimiter: str, width: int) -> bool:
    try:
        reader = csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
        return len(next(reader, [])) == width
    except csv.Error:
        return False


def with_letters(text: str, delimiter: str) -> list[str] | None:
    """Part a record whose fields hold quotes that are letters: one closes only before a delimiter or the end.

    None where the last field stays open.
    """
    text = text.rstrip("\r\n")
    fields: list[str] = []
    place = 0
    while place <= len(text):
        while text[place : place + 1] == " ":
            place += 1
        if text[place : place + 1] == '"':
            found = _quoted(text, place + 1, delimiter)
            if found is None:
                return None
            field, place = found
        else:
            end = text.find(delimiter, place)
            end = len(text) if end < 0 else end
            field, place = text[place:end], end + 1
        fields.append(field)
    return fields


def _quoted(text: str, start: int, delimiter: str) -> tuple[str, int] | None:
    parts: list[str] = []
    place = start
    for match in _QUOTES.finditer(text, start):
        after = match.end()
        while text[after : after + 1] == " " and delimiter != " ":
            after += 1
        number = len(match[0])
        is_end = after == len(text) or text[after] == delimiter
        parts.append(text[place : match.start()] + '"' * ((number // 2) if is_end else (number + 1) // 2))
        if is_end and number % 2:
            return "".join(parts), after + 1
        place = match.end()
    return None
