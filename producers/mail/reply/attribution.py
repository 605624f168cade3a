"""The line that a client puts above a quote ("On … Ann <ann@example.com> wrote:"), in whatever language.

It is known by its shape (a date, an address, a colon at the end) rather than by words, of which there is no end.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from producers.mail.reply.lines import Line, Mark

MAX_LINES = 4
_MAX_LENGTH = 300
_MAX_TAIL = 40
_MAX_LEAD = 60

_MONTH_OR_DAY = r"[^\W\d_]{2,12}"
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d\s*[年월月日]"
    rf"|\b{_MONTH_OR_DAY}\.?\s\d{{1,2}}\b|\b\d{{1,2}}\.?\s{_MONTH_OR_DAY}\b"
)
_TIME = re.compile(r"\b\d{1,2}[:.h時点시]\s?\d{2}\b|\d{1,2}[:.]\d{2}\s?[ap]\.?m", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[<\[(（＜]|&lt;)\s{0,2}(?:mailto:)?[^\s<>@\[\]()]{1,64}@[^\s<>@\[\]()]{1,255}", re.IGNORECASE
)
_VERB = re.compile(
    r"\b(?:wrote|writes|said|schrieb|écrit|escribió|escribi[oó]|ha scritto|scrisse|escreveu|schreef|geschreven|skrev"
    r"|kirjoitti|napisał(?:a|\(a\))?|pisze|napsal(?:\(a\)|a)?|napísal(?:a|\(a\))?|írta|yazdı|şunları yazdı"
    r"|написал(?:а)?"
    r"|пишет|писал(?:а)?|написав|έγραψε|a scris|je napisao|piše|napisal(?:a)?|va escriure|đã viết|menulis|ditulis)\b"
    r"|寫道|写道|写到|のメール|wrote$|(?:작성|썼습니다)|เขียน|כתב|كتب",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[.!?]\s*$")
_COLON = re.compile(r"[:\uff1a]\s*$")
_VERB_AT_END = re.compile(r"(?:\bwrote|>wrote|写道|寫道)\s*$", re.IGNORECASE)
_OPENER = re.compile(
    r"\s*(?:on|le|am|el|il|em|op|den|dne|dnia|w dniu|vào|pada|na|a|в|на|il giorno|at|the)\s.{0,60}\d", re.IGNORECASE
)


def start_above_quote(lines: Sequence[Line], at: int) -> int | None:
    """Find where the attribution begins that ends at line `at`, above a quoted line; None where it is none."""
    return next((start for rule in (_is_dated, _is_named) for start in _window(lines, at, rule)), None)


def start_above_plain(lines: Sequence[Line], at: int) -> int | None:
    """Find where the attribution begins that ends at line `at`, where what follows bears no marks of a quote.

    Everything below would be history, so more is asked: an address in brackets as well as a date.
    """
    return next(_window(lines, at, _is_complete), None)


def may_end(line: Line) -> bool:
    """Tell cheaply whether an attribution could end here."""
    return bool(_COLON.search(line.text[-20:]) or _VERB_AT_END.search(line.text[-20:]))


@dataclass(frozen=True)
class _Shape:
    """What the text of some lines, as one, has of an attribution; looked for when somebody asks."""

    text: str

    @property
    def is_date(self) -> bool:
        return bool(_DIGIT.search(self.text) and _DATE.search(self.text))

    @property
    def is_time(self) -> bool:
        return bool(_TIME.search(self.text))

    @property
    def is_verb(self) -> bool:
        return bool(_VERB.search(self.text))

    @property
    def address(self) -> "re.Match[str] | None":
        return _ADDRESS.search(self.text)


def _window(lines: Sequence[Line], at: int, rule: Callable[[_Shape], bool]) -> Iterator[int]:
    if not may_end(lines[at]):
        return
    for start in range(at, max(-1, at - MAX_LINES), -1):
        line = lines[start]
        if line.is_blank or line.mark is not lines[at].mark or (start < at and _SENTENCE_END.search(line.text[-3:])):
            return
        text = " ".join(item.text.strip() for item in lines[start : at + 1])
        if len(text) > _MAX_LENGTH:
            return
        if rule(_Shape(text)):
            yield _with_opener(lines, start)


def _with_opener(lines: Sequence[Line], start: int) -> int:
    # "On Mon 15 Nov\n2021 at 19:42, Ann wrote:" is whole from its second line on, but for what a wrap left above.
    above = lines[start - 1] if start else None
    if above and above.mark is Mark.PLAIN and len(above.text) <= 2 * _MAX_LEAD and _OPENER.match(above.text):
        return start if _OPENER.match(lines[start].text) else start - 1
    return start


def _is_dated(shape: _Shape) -> bool:
    return shape.is_date and (shape.is_verb or shape.is_time or shape.address is not None)


def _is_named(shape: _Shape) -> bool:
    return shape.is_verb and len(shape.text.split()) > 1


def _is_complete(shape: _Shape) -> bool:
    address = shape.address if "@" in shape.text else None
    if address is None or not shape.is_date or not (shape.is_time or shape.is_verb):
        return False
    first = _DIGIT.search(shape.text)
    begins_with_it = min(first.start() if first else 0, address.start()) <= _MAX_LEAD
    tail = shape.text[address.end() :]
    return begins_with_it and (len(tail) <= _MAX_TAIL or bool(_VERB.search(tail)))
