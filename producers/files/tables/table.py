"""CSV with a header line, whatever its delimiter and charset. Bad rows are answered with their line, never raised."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TextIO

from producers.files.jsonl import Row
from producers.files.tables.columns import ColumnsError, choose_columns
from producers.files.tables.dates import is_day_first
from producers.files.tables.dialect import named_delimiter, sniff_delimiter
from producers.files.tables.encodings import Repair, encoding_of
from producers.files.tables.record import RecordReader
from producers.rejection import Rejected

MAX_FIELD = 1024 * 1024
"""Characters of one field; a quote that never ends must not fill the memory."""

START_BYTES = 64 * 1024
AHEAD, AHEAD_CHARS = 1_000, 4 * 1024 * 1024
"""Rows, and characters of them, that are held back at most while no date tells whether its day or month is first."""

_MAX_LINE = 4 * MAX_FIELD


def read_table(
    file: io.BufferedReader, wanted: Mapping[str, str], told: Callable[[str], None]
) -> Iterator[Row | Rejected]:
    """Read the rows under their ticket's names; `told` hears how the table was understood."""
    start = file.peek(START_BYTES)[:START_BYTES]
    encoding = encoding_of(start)
    text = io.TextIOWrapper(
        file, encoding, errors="surrogateescape" if encoding == "utf-8-sig" else "replace", newline=""
    )
    try:
        yield from _rows(_Lines(text), start.decode(encoding, "replace"), Repair(start), wanted, told)
    finally:
        text.detach()


class _Lines:
    """Lines of a bounded length; `is_done` once somebody asked for one behind the last."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.is_done = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_MAX_LINE)
        if not line:
            self.is_done = True
            raise StopIteration
        if len(line) == _MAX_LINE and line[-1] not in "\r\n":
            while (more := self._text.readline(_MAX_LINE)) and more[-1] not in "\r\n":
                pass
            return f"{line}\n"
        return line


def _rows(
    lines: _Lines, start: str, repair: Repair, wanted: Mapping[str, str], told: Callable[[str], None]
) -> Iterator[Row | Rejected]:
    csv.field_size_limit(MAX_FIELD)
    delimiter, skipped = named_delimiter(start)
    for _ in range(skipped):
        next(lines)
    delimiter = delimiter or sniff_delimiter(start)
    records = _records(lines, delimiter, skipped)
    _, header = next(records, (1, []))
    if isinstance(header, str) or not any(header):
        if header:
            yield Rejected(1, str(header))
        return
    header = repair(header)
    try:
        columns = choose_columns(header, wanted)
    except ColumnsError as error:
        yield Rejected(1 + skipped, str(error))
        return
    reader = RecordReader(header, columns)
    found, is_guessed = _with_order_of_dates(_whole(records, len(header), repair), reader, delimiter)
    told(_understood(reader, delimiter, is_guessed=is_guessed))
    for line, record in found:
        yield Rejected(line, record) if isinstance(record, str) else reader.read(line, record)
    if reader.not_understood:
        told(
            f"received_at: {reader.not_understood:,} of {reader.dates:,} not understood; "
            "these tickets have the time at which they were read"
        )


def _whole(
    records: Iterator[tuple[int, list[str] | str]], width: int, repair: Repair
) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the records that have the header's length, and what is wrong with the others."""
    for line, record in records:
        if isinstance(record, str):
            yield line, record
        elif any(record):
            # Spreadsheets write the fields of columns that were once used.
            while len(record) > width and not record[-1]:
                record.pop()
            is_whole = len(record) == width
            yield line, repair(record) if is_whole else f"the row has {len(record)} fields, the header {width}"


def _with_order_of_dates(
    records: Iterator[tuple[int, list[str] | str]], reader: RecordReader, delimiter: str
) -> tuple[Iterator[tuple[int, list[str] | str]], bool]:
    """Look ahead until a date tells whether days or months come first; the answer's second is whether none did."""
    number = reader.columns.by_field.get("received_at")
    if number is None:
        return records, False
    ahead: list[tuple[int, list[str] | str]] = []
    chars, is_guessed = 0, False
    for line, record in records:
        ahead.append((line, record))
        if isinstance(record, str):
            continue
        chars += sum(map(len, record))
        # Where semicolons part fields, the comma is for decimals: no spreadsheet of a country that puts months first.
        dates = (seen[number] for _, seen in ahead if not isinstance(seen, str))
        if len(ahead) & (len(ahead) - 1) == 0 or len(ahead) >= AHEAD or chars >= AHEAD_CHARS:
            reader.day_first, is_guessed = is_day_first(dates, guess=delimiter == ";")
            if not is_guessed or len(ahead) >= AHEAD or chars >= AHEAD_CHARS:
                break
    else:
        dates = (seen[number] for _, seen in ahead if not isinstance(seen, str))
        reader.day_first, is_guessed = is_day_first(dates, guess=delimiter == ";")
    return chain(ahead, records), is_guessed


def _records(lines: _Lines, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record, or what is wrong with it, with the line it begins at."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"not CSV: {error}"
            continue
        if lines.is_done:
            # The reader wanted more lines than there are: only an open quote makes it.
            yield line, "a quote is opened in this row and never closed: the rest of the file is left out"
        else:
            yield line, record


def _understood(reader: RecordReader, delimiter: str, *, is_guessed: bool) -> str:
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    columns = reader.columns
    taken = ", ".join(f"{name} = {reader.header[number]}" for name, number in columns.by_field.items())
    guess = f" (guessed: {', '.join(columns.guessed)}; --map says otherwise)" if columns.guessed else ""
    kept = reader.unmapped
    fields = f"; kept as fields: {', '.join(name[:40] for name in kept[:10])}{', …' if len(kept) > 10 else ''}"  # noqa: PLR2004
    order = f"; dates are taken for {'day' if reader.day_first else 'month'} first, as none tells" if is_guessed else ""
    return f"{taken}; delimiter {shown}{guess}{fields if kept else ''}{order}"
