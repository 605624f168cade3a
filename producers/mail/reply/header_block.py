"""Headers that a client copied above a quoted or forwarded message: "From: … Sent: … To: … Subject: …"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from producers.mail.reply.header_names import FORWARDED, FROM, KINDS, MAIL, ORIGINAL, SENT, SUBJECT, TO
from producers.mail.reply.lines import Line, Mark

_KEY = re.compile(r"[\s*_]{0,4}([^\W\d_][^\d:\uff1a*<>@]{0,24}?)[\s*_\xa0]{0,3}[:\uff1a]")
_RULER = re.compile(r"\s*[_\-=*]{5,}\s*$")
_SEPARATOR = re.compile(r"\s{0,3}[-_=*]{2,30}\s{0,3}([^\s\-_=*][^\n]{0,58}?)\s{0,3}[-_=*]{2,30}\s*$")
_ORIGINAL = re.compile(ORIGINAL, re.IGNORECASE)
_MAIL = re.compile(MAIL, re.IGNORECASE)
_FORWARDED = re.compile(FORWARDED, re.IGNORECASE)
_BEGIN_FORWARD = re.compile(rf"[^\d]{{0,30}}?(?:{FORWARDED})[^\d]{{0,20}}[:\uff1a]\s*$", re.IGNORECASE)
_RAW = re.compile(
    r"\s{0,3}(?:message-id|mime-version|content-type|content-transfer-encoding|received)\s?:", re.IGNORECASE
)
"""No client copies these: they are the mail's own, which a broken line pushed into the text."""
_NOTES = re.compile(r".{1,80}?\s?---\s?\d{1,4}[./-]\d{1,2}[./-]\d{1,4} \d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?---")
"""The line that Lotus Notes puts above its copied headers: name, time, first words."""
_NOTES_TIME = re.compile(r"\s{0,40}\d{1,4}[./-]\d{1,2}[./-]\d{1,4} \d{1,2}:\d{2}(?::\d{2})?(?: ?[AP]M)?\s{0,40}$")
_QUOTED = re.compile(r"(?:\s{0,3}>){1,3}\s?")
_MAX_BLOCK = 14
_MAX_KEY = 40
_ENOUGH = 3
_MAX_BEGIN = 60


@dataclass(frozen=True, slots=True)
class History:
    """Where the copied messages begin, whether the client said that it forwards them, and whether it copied headers."""

    start: int
    is_forward: bool = False
    is_copied: bool = True


def history_at(lines: Sequence[Line], at: int) -> History | None:
    """Tell whether everything from this line on is history, by a separator or by a block of headers."""
    line = lines[at]
    if line.mark is Mark.HISTORY:
        return History(at, is_forward=_is_forward_below(lines, at))
    if line.mark is Mark.CITED:
        # Markup cites the line that says "forwarded", too; what stands inside a quote is the quote's.
        return separator_at(lines, at) if not at or lines[at - 1].mark is not Mark.CITED else None
    return separator_at(lines, at) or _block_at(lines, at)


def separator_at(lines: Sequence[Line], at: int) -> History | None:
    """Tell whether a line says that a message follows which is the original, or is forwarded."""
    text = lines[at].text
    separator = _SEPARATOR.match(text) if len(text) <= 2 * _MAX_BEGIN else None
    if separator:
        is_forward = bool(_FORWARDED.search(separator[1]))
        is_named = _MAIL.search(separator[1]) and (is_forward or _ORIGINAL.search(separator[1]))
        if is_named or _block_follows(lines, at + 1):
            return History(at, is_forward)
    if len(text) <= _MAX_BEGIN and _BEGIN_FORWARD.match(text) and _block_follows(lines, at + 1):
        return History(at, is_forward=True)
    return None


def end_of_block(lines: Sequence[Line]) -> int:
    """Return where the message begins that stands below a separator and its copied headers; 0 where none are found."""
    first = next((at for at in range(min(len(lines), 6)) if _is_block(lines, at, _ENOUGH - 1, any_first=True)), None)
    if first is None:
        return 0
    at = first
    while at < min(len(lines), first + _MAX_BLOCK) and (
        _kind(lines[at]) is not None or lines[at].is_blank or at == first
    ):
        at += 1
    while at > first and lines[at - 1].is_blank:
        at -= 1
    return at


def _is_forward_below(lines: Sequence[Line], at: int) -> bool:
    return any(
        (found := separator_at(lines, n)) is not None and found.is_forward for n in range(at, min(at + 3, len(lines)))
    )


def _block_at(lines: Sequence[Line], at: int) -> History | None:
    if _NOTES.match(lines[at].text[:200]):
        return History(at)
    if _NOTES_TIME.match(lines[at].text[:80]) and _notes_follow(lines, at + 1):
        return History(at - 1 if at and not lines[at - 1].is_blank else at)
    if _is_block(lines, at, _ENOUGH):
        is_told = _is_told(lines, at) and not _is_block(lines, at, _ENOUGH, needs_to=True)
        return None if is_told else History(_with_ruler(lines, at))
    # Some clients begin with "Sent" or "Date", as people's forms may: more is asked then.
    is_first = not at or lines[at - 1].is_blank or bool(_RULER.match(lines[at - 1].text))
    is_whole = is_first and _is_block(lines, at, _ENOUGH + 1, any_first=True, needs_to=True)
    return History(_with_ruler(lines, at)) if is_whole else None


def _notes_follow(lines: Sequence[Line], at: int) -> bool:
    alone = {KINDS.get(line.text.strip().lower()) for line in lines[at : at + _MAX_BLOCK] if len(line.text) <= _MAX_KEY}
    return {TO, SUBJECT} <= alone


def _is_told(lines: Sequence[Line], at: int) -> bool:
    # "A new message from your website:" makes what stands below it the message.
    above = next((line.text.rstrip() for line in reversed(lines[max(0, at - 3) : at]) if not line.is_blank), "")
    return above.endswith((":", "\uff1a"))


def _block_follows(lines: Sequence[Line], at: int) -> bool:
    return any(_is_block(lines, start, _ENOUGH - 1, any_first=True) for start in range(at, min(at + 4, len(lines))))


def _is_block(lines: Sequence[Line], at: int, enough: int, *, any_first: bool = False, needs_to: bool = False) -> bool:
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
    return FROM in kinds and len(kinds) >= enough and is_mail and (not needs_to or TO in kinds)


def _kind(line: Line) -> str | None:
    text = line.text[:60]
    quoted = _QUOTED.match(text) if line.mark is Mark.CITED else None
    key = _KEY.match(text[quoted.end() if quoted else 0 :][:_MAX_KEY])
    return KINDS.get(key[1].strip().lower()) if key else None


def _with_ruler(lines: Sequence[Line], at: int) -> int:
    above = at - 1
    while above > max(0, at - 3) and lines[above].is_blank:
        above -= 1
    return above if above >= 0 and _RULER.match(lines[above].text) else at
