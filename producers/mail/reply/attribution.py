"""The line that a client puts above a quote ("On … Ann <ann@example.com> wrote:"), in whatever language.

It is known by its shape (a date, an address, a colon at the end) rather than by words, of which there is no end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from producers.mail.reply.attribution_words import OPENER, VERB
from producers.mail.reply.lines import Line, Mark

MAX_LINES = 4
_MAX_LENGTH = 300
_MAX_TAIL = 40
_MAX_LEAD = 60
_FRAMED_LEAD = 12

_MONTH_OR_DAY = r"[^\W\d_]{2,12}"
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d\s*[\u5e74\uc6d4\u6708\u65e5]"
    rf"|\b{_MONTH_OR_DAY}\.?\s\d{{1,2}}\b|\b\d{{1,2}}\.?\s{_MONTH_OR_DAY}\b"
)
_FULL_DATE = re.compile(
    r"\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d\d)\b|\b\d{4}[./-]\s?\d{1,2}[./-]\s?\d{1,2}\b|\b(?:19|20)\d\d\b"
    r"|\b(?:19|20|25)\d\d\s?[\u5e74\ub144]"
)
_TIME = re.compile(
    r"(?<!\d)\d{1,2}[:.h\u6642\u65f6\u70b9\u9ede\uc2dc]\s?\d{2}|\d{1,2}[:.]\d{2}\s?[ap]\.?m", re.IGNORECASE
)
_AT = r"[^\s<>@\[\]()]{1,64}@[^\s<>@\[\]()]{1,255}"
_ADDRESS = re.compile(rf"(?:[<\[(\uff08\uff1c]|&lt;)\s{{0,2}}(?:mailto:)?{_AT}", re.IGNORECASE)
_BARE_ADDRESS = re.compile(rf"(?<![^\s,])(?:mailto:)?{_AT}", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[!?]\s*$|[^\W\d_]{6}\.\s*$")
"""Shorter words before the full stop are months, days and "kl."."""
_FRAME = re.compile(r"\s*-{2,}\s*$")
_COLON = re.compile(r"[:\uff1a][\s\u200e\u200f\u202c]*$")
_VERB_AT_END = re.compile(r"(?:\bwrote|>wrote|\u5199\u9053|\u5beb\u9053)\s*$", re.IGNORECASE)
_VERB_AND_FRAME = re.compile(r"\w\W{0,4}-{2,12}\s*$")


def start_above_quote(lines: Sequence[Line], at: int) -> int | None:
    """Find where the attribution begins that ends at line `at`, above a quoted line; None where it is none."""
    return next((start for rule in (_is_dated, _is_named) for start in _window(lines, at, rule)), None)


def start_above_plain(lines: Sequence[Line], at: int, *, is_reply: bool = False) -> int | None:
    """Find where the attribution begins that ends at line `at`, where what follows bears no marks of a quote.

    Everything below would be history, so more is asked: an address as well as a date, or in what is known to be a reply
    a line that begins with the full date and the time.
    """
    rules = (_is_complete, _is_framed, *((_is_timed,) if is_reply else ()))
    return next((start for rule in rules for start in _window(lines, at, rule)), None)


def may_end(line: Line) -> bool:
    """Tell cheaply whether an attribution could end here."""
    end = line.text[-20:]
    return bool(_COLON.search(end) or _VERB_AT_END.search(end) or _VERB_AND_FRAME.search(end))


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
        return bool(VERB.search(self.text))

    @property
    def begins(self) -> bool:
        """Whether date or address stand near the start; an answer in front of them is no part of the attribution."""
        first = _DIGIT.search(self.text)
        address = self.address
        starts = [found.start() for found in (first, address) if found]
        return bool(starts) and min(starts) <= _MAX_LEAD

    @property
    def address(self) -> "re.Match[str] | None":
        return _ADDRESS.search(self.text)


def _window(lines: Sequence[Line], at: int, rule: Callable[[_Shape], bool]) -> Iterator[int]:
    if not may_end(lines[at]):
        return
    for start in range(at, max(-1, at - MAX_LINES), -1):
        line = lines[start]
        if line.is_blank or line.mark is not lines[at].mark or (start < at and _SENTENCE_END.search(line.text[-12:])):
            return
        text = _unfolded(item.text.strip() for item in lines[start : at + 1])
        if len(text) > _MAX_LENGTH:
            return
        if rule(_Shape(text)):
            yield _with_opener(lines, start)


def _unfolded(texts: Iterable[str]) -> str:
    # Clients break the line also inside the address.
    return " ".join(texts).replace("@ ", "@").replace("< ", "<")


def _with_opener(lines: Sequence[Line], start: int) -> int:
    # "On Mon 15 Nov\n2021 at 19:42, Ann wrote:" is whole from its second line on, but for what a wrap left above.
    above = lines[start - 1] if start else None
    if above is None or above.mark is not Mark.PLAIN or len(above.text) > 2 * _MAX_LEAD:
        return start
    is_date = len(above.text) <= _MAX_LEAD and _FULL_DATE.search(above.text) and not _SENTENCE_END.search(above.text)
    if (OPENER.match(above.text) or is_date) and not OPENER.match(lines[start].text):
        return start - 1
    return start


def _is_dated(shape: _Shape) -> bool:
    return shape.is_date and shape.begins and (shape.is_verb or shape.is_time or shape.address is not None)


def _is_named(shape: _Shape) -> bool:
    verb = VERB.search(shape.text)
    begins = (
        shape.begins if _DIGIT.search(shape.text) or shape.address else verb is not None and verb.start() <= _MAX_LEAD
    )
    return verb is not None and begins and len(shape.text.split()) > 1


def _is_complete(shape: _Shape) -> bool:
    address = shape.address if "@" in shape.text else None
    if address is None and "@" in shape.text and shape.is_verb and shape.is_time:
        address = _BARE_ADDRESS.search(shape.text)
    if address is None or not shape.is_date or not (shape.is_time or shape.is_verb):
        return False
    tail = shape.text[address.end() :]
    return shape.begins and (len(tail) <= _MAX_TAIL or bool(VERB.search(tail)))


def _is_framed(shape: _Shape) -> bool:
    """The dashes around it are a client's: "---- On Mon, … Ben wrote ----"."""
    return bool(shape.text.startswith("--") and _FRAME.search(shape.text) and shape.is_date and shape.is_verb)


def _is_timed(shape: _Shape) -> bool:
    first = _DIGIT.search(shape.text)
    is_first = OPENER.match(shape.text) or (first is not None and first.start() <= _FRAMED_LEAD)
    return bool(is_first and _FULL_DATE.search(shape.text) and shape.is_time and shape.is_verb)
