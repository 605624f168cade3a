"""Figures in words: money, durations, times, and text from outside that must not move the cursor."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

NANO_PER_DOLLAR = 1_000_000_000
CENTS = 2
"""Decimals of a dollar that are always written."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_HIDDEN = {"Cc", "Cf", "Zl", "Zp"}
"""Control and format characters: an escape sequence in a subject could rewrite what stands on the screen."""


def dollars(nano: int) -> str:
    """Write nano-dollars for a person: in cents from a dollar on, below it with three figures, as in `$0.0123`."""
    amount = abs(Decimal(nano)) / NANO_PER_DOLLAR
    places = CENTS if amount >= 1 else max(CENTS, CENTS - amount.adjusted())
    whole, _, rest = f"{amount:,.{places}f}".partition(".")
    return f"{'-' if nano < 0 else ''}${whole}.{rest.rstrip('0').ljust(CENTS, '0')}"


def duration(seconds: float) -> str:
    """Write a duration in its two largest units: `0.42 s`, `3 min 5 s`, `2 d 4 h`."""
    if seconds < 10:  # noqa: PLR2004 - below, tenths matter
        return f"{seconds:.2f} s"
    for unit, name, smaller, smaller_name in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if seconds >= unit:
            rest = int(seconds % unit // smaller)
            return f"{int(seconds // unit)} {name}" + (f" {rest} {smaller_name}" if rest else "")
    return f"{seconds:.1f} s"


def moment(at_ms: int) -> str:
    """Write a time of the ledger in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(at_ms: int) -> str:
    """Write a time of the ledger for a program."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def ago(at_ms: int, now_ms: int) -> str:
    """Write how long ago a time was."""
    return f"{duration(max(0, now_ms - at_ms) / 1000)} ago"


def plain(text: str, *, limit: int | None = None) -> str:
    """Make text from outside fit for one line of a terminal; cut to `limit` characters."""
    line = "".join(" " if char in "\r\n\t" else _visible(char) for char in text).strip()
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1]}…"


def block(text: str, *, indent: str = "  ") -> str:
    """Make text of several lines fit for a terminal."""
    return "\n".join(indent + plain(line) for line in text.splitlines())


def count(number: int, noun: str) -> str:
    """Write a number with its noun: `1 ticket`, `2 tickets`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def columns(rows: Iterable[Sequence[str]], *, indent: str = "") -> list[str]:
    """Line up rows in columns two spaces apart; the last column is as long as it likes."""
    table = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]) - 1)] if table else []
    return [
        (indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])).rstrip()
        for row in table
    ]


def _visible(char: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _HIDDEN else char
