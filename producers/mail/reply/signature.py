"""Where the signature begins. In doubt nowhere: what a customer wrote must not be taken for one."""

import re
from collections.abc import Sequence

from producers.mail.reply.closings import CLOSING, DISCLAIMER, MATTERS, MOBILE, POSTSCRIPT
from producers.mail.reply.lines import Line, Mark

MAX_LINES = 60
_MAX_ROUNDS = 6
_SHORT = 72
_AFTER_CLOSING = 12
_CONTACTS = 2
_NAME_WORDS = 4

_DELIMITER = re.compile(r"\s*(?:--|\u2014|\u2013|__)\s*$")
_WEAK_DELIMITER = re.compile(r"\s*(?:-{3,}|_{3,}|={3,}|\*{3,})\s*$")
_CONTACT = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,255}\.\w|\bhttps?://|\bwww\.|\b(?:tel|fax|phone|mobile|mob|cell|skype|t|f|m|p|tél|telefon"
    r"|тел)\b\.?\s*[:.]|\+?\(?\d[\d\s()./-]{6,}\d",
    re.IGNORECASE,
)
_DASH_NAME = re.compile(r"\s?[-\u2013\u2014~]\s?([^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){0,3})\s*$")
_SENTENCE = re.compile(r"[?!;:.]\s*$|, ")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE_WORDS = 4


def signature_start(lines: Sequence[Line], sender: str = "", *, may_be_all: bool = False) -> int:
    """Return the number of the line from which on everything is signature; `len(lines)` where nothing is.

    All of it is signature only where other lines say something, as above a quote.
    """
    end = len(lines)
    for _ in range(_MAX_ROUNDS):
        first = max(0, end - MAX_LINES)
        start = _one(lines[first:end], sender)
        if start is None or not (may_be_all or _has_words(lines[: first + start])):
            break
        end = first + start
    return end


def _one(lines: Sequence[Line], sender: str) -> int | None:
    while lines and lines[-1].is_blank:
        lines = lines[:-1]
    if not lines:
        return None
    for rule in (_armoured, _marked, _delimited, _mobile, _disclaimer, _closed, _dashed, _contacts):
        start = rule(lines)
        if start is not None:
            return start
    return _named(lines, sender)


def _armoured(lines: Sequence[Line]) -> int | None:
    return next((at for at, line in enumerate(lines) if line.text.startswith("-----BEGIN PGP SIGNATURE-----")), None)


def _marked(lines: Sequence[Line]) -> int | None:
    start = len(lines)
    while start and (lines[start - 1].mark is Mark.SIGNATURE or lines[start - 1].is_blank):
        start -= 1
    return start if start < len(lines) else None


def _delimited(lines: Sequence[Line]) -> int | None:
    for at, line in enumerate(lines):
        below = [item for item in lines[at + 1 :] if not item.is_blank]
        if _DELIMITER.match(line.text) and (line.text.strip() in ("--", "\u2014") or _is_card(below, 1)):
            return at
        if _WEAK_DELIMITER.match(line.text) and _is_card(below, 1 if line.text.strip().startswith("_") else _CONTACTS):
            return at
    return None


def _mobile(lines: Sequence[Line]) -> int | None:
    return len(lines) - 1 if MOBILE.match(lines[-1].text) else None


def _disclaimer(lines: Sequence[Line]) -> int | None:
    start = _last_paragraph(lines)
    return start if start and DISCLAIMER.search(" ".join(line.text for line in lines[start:])[:2_000]) else None


def _closed(lines: Sequence[Line]) -> int | None:
    """A closing ("Kind regards") and what stands below it, where that is short and no more is said."""
    written = [at for at, line in enumerate(lines) if not line.is_blank][-_AFTER_CLOSING:]
    for at in written:
        below = [line for line in lines[at + 1 :] if not line.is_blank]
        if CLOSING.match(lines[at].text) and _is_block(below):
            return at
    return None


def _dashed(lines: Sequence[Line]) -> int | None:
    name = _DASH_NAME.match(lines[-1].text)
    is_alone = len(lines) > 1 and lines[-2].is_blank
    is_name = name and all(word[0].isupper() for word in name[1].split())
    return len(lines) - 1 if is_name and is_alone else None


def _contacts(lines: Sequence[Line]) -> int | None:
    """A last paragraph that is a visiting card: a name above, below it ways to reach that person."""
    start = _last_paragraph(lines)
    if not start or len(lines) - start <= _CONTACTS or _asks_for_it(lines[:start]):
        return None
    return start if _is_card(lines[start:], _CONTACTS) and not _CONTACT.search(lines[start].text) else None


def _named(lines: Sequence[Line], sender: str) -> int | None:
    """A last paragraph that begins with the sender's own name."""
    name = {word.lower() for word in _WORD.findall(sender.split("<", maxsplit=1)[0].split("@", maxsplit=1)[0])}
    start = _last_paragraph(lines)
    first = _WORD.findall(lines[start].text) if start else []
    if not name or not first or len(first) > _NAME_WORDS or {word.lower() for word in first} - name:
        return None
    return start if _is_block(lines[start:]) and not _asks_for_it(lines[:start]) else None


def _last_paragraph(lines: Sequence[Line]) -> int:
    start = len(lines)
    while start and not lines[start - 1].is_blank:
        start -= 1
    return start


def _is_block(lines: Sequence[Line]) -> bool:
    """Lines that say who somebody is, and nothing else."""
    texts = [line.text.strip() for line in lines]
    if any(len(text) > _SHORT or POSTSCRIPT.match(text) or MATTERS.search(text) or "?" in text for text in texts):
        return False
    return sum(map(_is_sentence, texts)) <= len(texts) // 3


def _is_sentence(text: str) -> bool:
    is_long = len(_WORD.findall(text)) >= _SENTENCE_WORDS
    return is_long and bool(_SENTENCE.search(text)) and not _CONTACT.search(text)


def _is_card(lines: Sequence[Line], contacts: int) -> bool:
    return _is_block(lines) and sum(bool(_CONTACT.search(line.text[:_SHORT])) for line in lines) >= contacts


def _asks_for_it(above: Sequence[Line]) -> bool:
    # "Please call me here:" makes the card below it the message.
    last = next((line.text.rstrip() for line in reversed(above) if not line.is_blank), "")
    return last.endswith((":", "\uff1a"))


def _has_words(lines: Sequence[Line]) -> bool:
    return any(
        any(char.isalnum() for char in line.text) or not line.text.isascii() for line in lines if not line.is_blank
    )
