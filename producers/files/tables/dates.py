"""Dates and times as exports write them; whether the day or the month stands first is told by the whole column."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_LONGEST = 60
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_ZONE = re.compile(r"\s*(?:([+-]\d{2}):?(\d{2})|\b([A-Z]{1,4}))$|\s*\(([A-Z]{3,4})\)$")
_HOURS = {
    **dict.fromkeys(("Z", "UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "MEZ", "BST"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*([ap])\.?m\b\.?)?(?:\s*uhr)?", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})")
_PLAIN_NUMBER = re.compile(r"\d{5}(?:[.,]\d{1,10})?|\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIGITS = re.compile(r"\d+")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *(
                "jan gen ene",
                "feb fév fev",
                "mar mär mrz",
                "apr avr abr",
                "may mai mag mei maj",
                "jun juin giu",
                "jul juil lug",
            ),
            *("aug aoû ago", "sep set", "oct okt ott out", "nov", "dec dez dic déc"),
        ),
        start=1,
    )
    for name in names.split()
}
_EXCEL_DAY_0 = datetime(1899, 12, 30, tzinfo=UTC)
_EXCEL = range(25_569, 73_050)
"""Days of Excel from 1970 to 2100; a smaller number is an id."""


def is_day_first(texts: Iterable[str], *, guess: bool) -> tuple[bool, bool]:
    """Tell whether a column of dates like 03/04/2026 has the day first, and whether that had to be guessed."""
    days = months = seen = 0
    for text in texts:
        if (match := _NUMBERS.match(text.strip()[:_LONGEST])) and match[2] != ".":
            seen += 1
            days += int(match[1]) > 12  # noqa: PLR2004 - no month has this number
            months += int(match[3]) > 12  # noqa: PLR2004
    return (days > months if days != months else guess), bool(seen) and days == months


def read_moment(text: str, *, day_first: bool = False) -> datetime | None:
    """Read a date and time; one without a zone is taken for UTC, one that cannot be read is None."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = _of_number(text) if _PLAIN_NUMBER.fullmatch(text) else _of_text(text, day_first=day_first)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_number(text: str) -> datetime | None:
    """Read seconds, milliseconds or microseconds since 1970, or days of Excel."""
    whole = len(_DIGITS.match(text)[0])  # type: ignore[index]  # the pattern begins with digits
    number = float(text.replace(",", "."))
    if whole == 5:  # noqa: PLR2004 - days of Excel
        return _EXCEL_DAY_0 + timedelta(seconds=round(number * 86_400)) if int(number) in _EXCEL else None
    return datetime.fromtimestamp(number / {10: 1, 13: 1e3, 16: 1e6}[whole], UTC)


def _of_text(text: str, *, day_first: bool) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text) if text[:3].isalpha() and text[3:4] == "," else _of_parts(text, day_first)
    except (ValueError, TypeError):
        return _of_parts(text, day_first)


def _of_parts(text: str, day_first: bool) -> datetime | None:
    zone, text = _zone(text)
    hour, minute, second, text = _time(text)
    if match := _YEAR_FIRST.search(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    elif match := _NUMBERS.search(text):
        first, other, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (first, other) if day_first or match[2] == "." or first > 12 else (other, first)  # noqa: PLR2004
    else:
        found = [_MONTHS.get(word[:4].casefold()) or _MONTHS.get(word[:3].casefold()) for word in _WORD.findall(text)]
        numbers = [int(digits) for digits in _DIGITS.findall(text)]
        month = next((number for number in found if number), 0)
        if not month or len(numbers) != 2:  # noqa: PLR2004 - a day and a year
            return None
        year, day = sorted(numbers, reverse=True) if max(numbers) > 31 else (numbers[1], numbers[0])  # noqa: PLR2004
    return datetime(year + 2_000 if year < 100 else year, month, day, hour, minute, second, tzinfo=zone)  # noqa: PLR2004


def _zone(text: str) -> tuple[timezone, str]:
    match = _ZONE.search(text)
    if match and match[1] and ":" in text[: match.start()]:
        hours, minutes = int(match[1]), int(match[2])
        return timezone(timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)), text[: match.start()]
    name = (match[3] or match[4] or "") if match else ""
    if match and name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name])), text[: match.start()]
    return UTC, text


def _time(text: str) -> tuple[int, int, int, str]:
    match = _TIME.search(text)
    if match is None:
        return 0, 0, 0, text
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + 12 * (match[4].lower() == "p")
    return hour, int(match[2]), int(match[3] or 0), text[: match.start()] + " " + text[match.end() :]
