"""What stands between the fields of a table. The standard Sniffer is misled by the punctuation of long texts."""

import csv
import io

_DELIMITERS = ",;\t|"
_SNIFFED_ROWS = 50


def sniff_delimiter(start: str) -> str:
    """Tell what stands between the fields: what gives most of the first rows the header's number of fields."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(start, delimiter))


def _evenness(start: str, delimiter: str) -> tuple[float, int]:
    try:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, skipinitialspace=True)
        counts = [len(row) for row, _ in zip(reader, range(_SNIFFED_ROWS), strict=False) if row]
    except csv.Error:
        return 0.0, 0
    if not counts or counts[0] == 1:
        return 0.0, 0
    return sum(count == counts[0] for count in counts) / len(counts), counts[0]


def named_delimiter(start: str) -> tuple[str, int]:
    """Read the line `sep=;` that spreadsheets put first: the delimiter, and how many lines to leave out."""
    first = start.removeprefix("\ufeff").split("\n", 1)[0].strip().strip('"')
    is_named = first.lower().startswith("sep=") and len(first) == len("sep=;")
    return (first[-1], 1) if is_named else ("", 0)
