"""The quotes in a text: runs of quoted lines, with the line above them that says whose words they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from producers.mail.reply.attribution import start_above_quote
from producers.mail.reply.lines import Line, Mark

_WRAPPED = 55
"""Quoted lines at least this long may have been wrapped, so that their end stands alone in the next line."""

_MAX_BLANK = 2


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines from `start` up to `end`; attributed where a line above says whose words they are."""

    start: int
    end: int
    is_attributed: bool


def find_quotes(lines: Sequence[Line]) -> list[Quote]:
    """Find the quotes from top to bottom. What is only set in counts where an attribution stands above it."""
    found: list[Quote] = []
    at = 0
    while at < len(lines):
        mark = lines[at].mark
        if mark not in (Mark.CITED, Mark.INDENTED):
            at += 1
            continue
        end = _end(lines, at, mark)
        start = _attribution(lines, at, found[-1].end if found else 0)
        if mark is Mark.CITED or start is not None:
            found.append(Quote(at if start is None else start, end, start is not None))
        at = end
    return found


def _end(lines: Sequence[Line], at: int, mark: Mark) -> int:
    end = at + 1
    while True:
        following = next((n for n in range(end, min(end + 20, len(lines))) if lines[n].text.strip()), len(lines))
        if following < len(lines) and lines[following].mark is mark:
            end = following + 1
        elif following == end and _is_wrapped(lines, end, mark):
            end += 1
        else:
            return end


def _is_wrapped(lines: Sequence[Line], at: int, mark: Mark) -> bool:
    above = lines[at - 1].text.rstrip()
    is_cut = len(above) >= _WRAPPED and above[-1] not in ".?!:"
    return is_cut and at + 1 < len(lines) and lines[at + 1].mark is mark and len(lines[at].text) < _WRAPPED


def _attribution(lines: Sequence[Line], at: int, first: int) -> int | None:
    above = at - 1
    while above >= max(first, at - 1 - _MAX_BLANK) and lines[above].is_blank:
        above -= 1
    if above < max(first, at - 1 - _MAX_BLANK):
        # Markup may mark the attribution as quoted, too.
        return None
    return start_above_quote(lines, above)
