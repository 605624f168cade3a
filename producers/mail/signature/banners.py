"""The banner that a mail gateway puts above a mail: "CAUTION: This email originated from outside …", by language.

Counted in characters, because gateways put their sentences into the writer's first line, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from producers.mail.reply.lines import Line, Mark
from producers.mail.signature.banner_words import ADVICE, EXTERNAL, FIRST_CONTACT, LEAD, ORIGIN, TAG, TAIL

_MAX_LINES = 16
_LONGEST = 400
_WRAPPED = 40
_MAX_TAIL = 80

_NO_WORDS = " \t\xa0\u200b-_=*|>"
_SPEAKS = re.compile(
    r"[?\uff1f]|\b(?:I|I'm|I've)\b|(?i:\b(?:my|our team|we are|we have|hi|hello|hallo|bonjour|hola|ich|mein\w{0,2}|je"
    r"|mon)\b)"
)
_JOINS = re.compile(
    r"\b(?:and|but|who|which|because|und|aber|weil|et|mais|qui|y|pero|e|ma|en|maar|i|ale)\b", re.IGNORECASE
)
_ENDS = re.compile(r"[.!\u3002]{1,3}(?:[\s*_\])|]{1,20}|$)")


def without_banner(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Part the banner above a mail from the mail; returns what stays and the banner. In doubt there is none."""
    end, is_banner = 0, False
    for unit, to in _units(lines):
        kind = _kind(unit)
        if kind is None:
            break
        is_banner = is_banner or kind
        end = to
    return _parted(lines, end) if is_banner else (list(lines), [])


def _kind(unit: str) -> bool | None:
    """True: this says that the mail is from outside. False: it may go along with that. None: somebody's words."""
    if not unit.strip(_NO_WORDS):
        return False
    if len(unit) > _LONGEST or _SPEAKS.search(unit):
        return None
    if TAG.fullmatch(unit.strip()):
        return "ext" in unit.lower() and (unit.isupper() or not unit.strip()[0].isalpha() or len(unit.split()) > 1)
    lead = LEAD.match(unit)
    rest = unit[lead.end() :] if lead else unit
    if FIRST_CONTACT.match(rest) or _is_origin(rest):
        return True
    if not ADVICE.match(rest):
        return None
    return lead is not None and bool(EXTERNAL.search(lead.group()))


def _is_origin(text: str) -> bool:
    found = ORIGIN.match(text)
    tail = text[found.end() :] if found else ""
    return found is not None and (bool(TAIL.search(tail)) or (len(tail) <= _MAX_TAIL and not _JOINS.search(tail)))


def _units(lines: Sequence[Line]) -> Iterator[tuple[str, int]]:
    """Sentences of the first lines, each with the number of characters up to its end, line ends included."""
    at = n = 0
    while n < min(len(lines), _MAX_LINES) and lines[n].mark in (Mark.PLAIN, Mark.INDENTED):
        text, size = lines[n].text, len(lines[n].text) + 1
        while n + 1 < len(lines) and size <= _LONGEST and _goes_on(lines[n], lines[n + 1]):
            n += 1
            text, size = f"{text} {lines[n].text}", size + len(lines[n].text) + 1
        start = 0
        for stop in _ENDS.finditer(text[: 4 * _LONGEST]):
            yield text[start : stop.end()], at + stop.end()
            start = stop.end()
        yield text[start:], at + size
        at += size
        n += 1


def _goes_on(line: Line, following: Line) -> bool:
    first = following.text.lstrip()[:1]
    return len(line.text) >= _WRAPPED and line.text.rstrip()[-1:] not in ".!?:" and first.islower()


def _parted(lines: Sequence[Line], end: int) -> tuple[list[Line], list[Line]]:
    for n, line in enumerate(lines):
        if end <= 0:
            return list(lines[n:]), list(lines[:n])
        if end <= len(line.text):
            rest = replace(line, text=line.text[end:])
            return [rest, *lines[n + 1 :]], [*lines[:n], replace(line, text=line.text[:end])]
        end -= len(line.text) + 1
    return [], list(lines)
