"""Headers that a client copied above a quoted or forwarded message: "From: … Sent: … To: … Subject: …"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from producers.mail.reply.header_names import FORWARDED, FROM, KINDS, MAIL, ORIGINAL, SENT, SUBJECT
from producers.mail.reply.lines import Line, Mark

_KEY = re.compile(r"[\s*_]{0,4}([^\W\d_][^\d:\uff1a*<>@]{0,24}?)[\s*_\xa0]{0,3}[:\uff1a]")
_RULER = re.compile(r"\s*[_\-=*]{5,}\s*$")
_SEPARATOR = re.compile(r"\s{0,3}[-_=*]{2,30}\s{0,3}([^\s\-_=*][^\n]{0,58}?)\s{0,3}[-_=*]{2,30}\s*$")
_ORIGINAL = re.compile(ORIGINAL, re.IGNORECASE)
_MAIL = re.compile(MAIL, re.IGNORECASE)
_FORWARDED = re.compile(FORWARDED, re.IGNORECASE)
_BEGIN_FORWARD = re.compile(rf"[^\d]{{0,30}}\b(?:{FORWARDED})[^\d]{{0,20}}[:\uff1a]\s*$", re.IGNORECASE)
_RAW = re.compile(
    r"\s{0,3}(?:message-id|mime-version|content-type|content-transfer-encoding|received)\s?:", re.IGNORECASE
)
"""No client copies these: they are the mail's own, which a broken line pushed into the text."""
_MAX_BLOCK = 14
_ENOUGH = 3
_MAX_BEGIN = 60


@dataclass(frozen=True, slots=True)
class History:
    """Where the copied messages begin, and whether the client said that it forwards them."""

    start: int
    is_forward: bool = False


def history_at(lines: Sequence[Line], at: int) -> History | None:
    """Tell whether everything from this line on is history, by a separator or by a block of headers."""
    line = lines[at]
    if line.mark is Mark.HISTORY:
        return History(at)
    separator = _SEPARATOR.match(line.text) if len(line.text) <= 2 * _MAX_BEGIN else None
    if separator:
        is_forward = bool(_FORWARDED.search(separator[1]))
        is_named = _MAIL.search(separator[1]) and (is_forward or _ORIGINAL.search(separator[1]))
        if is_named or _block_follows(lines, at + 1):
            return History(at, is_forward)
    if len(line.text) <= _MAX_BEGIN and _BEGIN_FORWARD.match(line.text) and _block_follows(lines, at + 1):
        return History(at, is_forward=True)
    return History(_with_ruler(lines, at)) if _is_block(lines, at, _ENOUGH) else None


def _block_follows(lines: Sequence[Line], at: int) -> bool:
    return any(_is_block(lines, start, _ENOUGH - 1, any_first=True) for start in range(at, min(at + 3, len(lines))))


def _is_block(lines: Sequence[Line], at: int, enough: int, *, any_first: bool = False) -> bool:
    first = _kind(lines[at])
    if first is None or (first != FROM and not any_first):
        return False
    kinds: set[str] = set()
    has_address, blanks = False, 0
    for line in lines[at : at + _MAX_BLOCK]:
        if _RAW.match(line.text):
            return False
        blanks = blanks + 1 if line.is_blank else 0
        kind = _kind(line)
        if blanks > 1 or (kind is None and not line.is_blank and len(kinds) >= _ENOUGH):
            break
        if kind is not None:
            kinds.add(kind)
            has_address = has_address or "@" in line.text
    # "From: Berlin, To: Paris, Date: …" is a journey, not a message.
    is_mail = has_address or SUBJECT in kinds or SENT in kinds
    return FROM in kinds and len(kinds) >= enough and is_mail


def _kind(line: Line) -> str | None:
    if line.mark in (Mark.CITED, Mark.HISTORY):
        return None
    key = _KEY.match(line.text[:40])
    return KINDS.get(key[1].strip().lower()) if key else None


def _with_ruler(lines: Sequence[Line], at: int) -> int:
    above = at - 1
    while above > max(0, at - 3) and lines[above].is_blank:
        above -= 1
    return above if above >= 0 and _RULER.match(lines[above].text) else at
