"""CSV with a header line, whatever its delimiter and charset. Bad rows are answered with their line, never raised."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TextIO

from producers.files.jsonl import Row
from producers.files.tables.columns import Columns, ColumnsError, choose_columns
from producers.files.tables.dialect import named_delimiter, sniff_delimiter
from producers.files.tables.encodings import Repair, encoding_of
from producers.rejection import Rejected

MAX_FIELD = 1024 * 1024
"""Characters of one field; a quote that never ends must not fill the memory."""

START_BYTES = 64 * 1024
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
    try:
        columns = choose_columns(repair(header), wanted)
    except ColumnsError as error:
        yield Rejected(1 + skipped, str(error))
        return
    told(_understood(header, columns, delimiter))
    for line, record in records:
        if isinstance(record, str):
            yield Rejected(line, record)
        elif any(record):
            yield _row(line, record, header, columns, repair)


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


def _row(line: int, record: list[str], header: list[str], columns: Columns, repair: Repair) -> Row | Rejected:
    if len(record) != len(header):
        return Rejected(line, f"the row has {len(record)} fields, the header {len(header)}")
    record = repair(record)
    values: dict[str, object] = {}
    own: dict[str, str] = {}
    for name, number in columns.by_field.items():
        if name.startswith("fields."):
            own[name.removeprefix("fields.")] = record[number]
        elif record[number] or name == "body":
            values[name] = record[number]
    if own:
        values["fields"] = {name: value for name, value in own.items() if value}
    if "received_at" in values:
        moment = read_moment(record[columns.by_field["received_at"]])
        if moment is None and "received_at" not in columns.guessed:
            return Rejected(line, "received_at: a date and time as in ISO 8601 or RFC 5322 is needed")
        values["received_at"] = moment
    return Row(line, values)


def read_moment(text: str) -> datetime | None:
    """Read a date and time; one without a zone is taken for UTC, one that cannot be read is None."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _understood(header: list[str], columns: Columns, delimiter: str) -> str:
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    taken = ", ".join(f"{name} = {header[number]}" for name, number in columns.by_field.items())
    guess = f" (guessed: {', '.join(columns.guessed)}; --map says otherwise)" if columns.guessed else ""
    return f"{taken}; delimiter {shown}{guess}"
