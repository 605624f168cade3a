"""CSV with a header line, whatever its delimiter and charset. Bad rows are answered with their line, never raised."""

import io
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from producers.files.jsonl import Row
from producers.files.tables.columns import ColumnsError, choose_columns
from producers.files.tables.dates import is_day_first
from producers.files.tables.dialect import named_delimiter, sniff_delimiter
from producers.files.tables.encodings import Repair, encoding_of
from producers.files.tables.record import RecordReader
from producers.files.tables.records import Lines, read_records
from producers.rejection import Rejected

START_BYTES = 64 * 1024
AHEAD, AHEAD_CHARS = 1_000, 4 * 1024 * 1024
"""Rows, and characters of them, that are held back at most while no date tells whether its day or month is first."""


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
        yield from _rows(Lines(text), start.decode(encoding, "replace"), Repair(start), wanted, told)
    finally:
        text.detach()


def _rows(
    lines: Lines, start: str, repair: Repair, wanted: Mapping[str, str], told: Callable[[str], None]
) -> Iterator[Row | Rejected]:
    delimiter, skipped = named_delimiter(start)
    for _ in range(skipped):
        next(lines)
    delimiter = delimiter or sniff_delimiter(start)
    records = read_records(lines, delimiter)
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


def _understood(reader: RecordReader, delimiter: str, *, is_guessed: bool) -> str:
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    columns = reader.columns
    taken = ", ".join(f"{name} = {reader.header[number]}" for name, number in columns.by_field.items())
    guess = f" (guessed: {', '.join(columns.guessed)}; --map says otherwise)" if columns.guessed else ""
    kept = reader.unmapped
    fields = f"; kept as fields: {', '.join(name[:40] for name in kept[:10])}{', …' if len(kept) > 10 else ''}"  # noqa: PLR2004
    order = f"; dates are taken for {'day' if reader.day_first else 'month'} first, as none tells" if is_guessed else ""
    return f"{taken}; delimiter {shown}{guess}{fields if kept else ''}{order}"
