"""Where the signature begins. In doubt nowhere: what a customer wrote must not be taken for one."""

import re
from collections.abc import Sequence

from producers.mail.reply.lines import Line, Mark
from producers.mail.signature.block import CARD, has_contact, is_block, is_card, words_of
from producers.mail.signature.closings import CLOSING, MOBILE
from producers.mail.signature.notices import is_notice

MAX_LINES = 60
_MAX_ROUNDS = 6
_AFTER_CLOSING = 12
_NAME_WORDS = 4

_DELIMITER = re.compile(r"\s{0,8}(?:--|\u2014|\u2013|__)\s*$")
_RULER = re.compile(r"\s{0,8}(?:-{3,}|_{3,}|={3,}|\*{3,})\s*$")
_DASH_NAME = re.compile(r"\s?[-\u2013\u2014~]\s?([^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){0,3})\s*$")
_BULLET = re.compile(r"\s{0,8}[-\u2013\u2014*\u2022]\s?\S")
_ARMOUR = re.compile(r"[A-Za-z0-9+/=]{1,100}|(?:Version|Comment|Charset|Hash): .{0,200}|-----END PGP SIGNATURE-----")
_WORD = re.compile(r"[^\W\d_]{2,}")


def signature_start(lines: Sequence[Line], sender: str = "", *, may_be_all: bool = False) -> int:
    """Return the number of the line from which on everything is signature; `len(lines)` where nothing is.

    All of it is signature only where other lines say something, as above a quote.
    """
    end = len(lines)
    was_delimited = False
    for _ in range(_MAX_ROUNDS):
        first = max(0, end - MAX_LINES)
        start = _one(lines[first:end], sender, may_be_delimited=not was_delimited)
        if start is None or not (may_be_all or _has_words(lines[: first + start])):
            break
        end = first + start
        # Only the last delimiter can be the signature's: those above divide the text.
        was_delimited = was_delimited or _is_delimiter(lines[end].text)
    return end


def begins_with_delimiter(lines: Sequence[Line]) -> bool:
    """Tell whether the first words stand below a "--"."""
    return next((_DELIMITER.match(line.text) is not None for line in lines if not line.is_blank), False)


def _one(lines: Sequence[Line], sender: str, *, may_be_delimited: bool) -> int | None:
    while lines and lines[-1].is_blank:
        lines = lines[:-1]
    if not lines:
        return None
    for rule in (_armoured, _marked, _mobile, _notice):
        start = rule(lines)
        if start is not None:
            return start
    if may_be_delimited and (start := _delimited(lines, sender)) is not None:
        return start
    for rule in (_closed, _dashed, _contacts):
        start = rule(lines)
        if start is not None:
            return start
    return _named(lines, sender)


def _armoured(lines: Sequence[Line]) -> int | None:
    begins = (at for at, line in enumerate(lines) if line.text.startswith("-----BEGIN PGP SIGNATURE-----"))
    start = next(begins, None)
    below = [line.text.strip() for line in lines[start + 1 :] if not line.is_blank] if start is not None else []
    return start if all(map(_ARMOUR.fullmatch, below)) else None


def _marked(lines: Sequence[Line]) -> int | None:
    start = len(lines)
    while start and (lines[start - 1].mark is Mark.SIGNATURE or lines[start - 1].is_blank):
        start -= 1
    return start if start < len(lines) else None


def _is_delimiter(text: str) -> bool:
    return bool(_DELIMITER.match(text) or _RULER.match(text))


def _delimited(lines: Sequence[Line], sender: str) -> int | None:
    """The last delimiter, where what follows looks like a signature; those above it only where they frame the same."""
    found = None
    for at in range(len(lines) - 1, -1, -1):
        if not _is_delimiter(lines[at].text):
            continue
        below = [line for line in lines[at + 1 :] if not _is_delimiter(line.text)]
        is_last = found is None
        if all(line.is_blank for line in below):  # nothing, or the lower edge of a frame
            continue
        if not _may_delimit(lines[at].text.strip(), below, sender) or not (is_last or is_card(below)):
            break
        found = at
    return found


def _may_delimit(sign: str, below: Sequence[Line], sender: str) -> bool:
    if sign in ("--", "\u2014", "\u2013"):
        return is_block(below, words_of(sender))
    return is_card(below, 1 if sign.startswith("_") else CARD)  # a ruler also divides, so more is asked of it


def _mobile(lines: Sequence[Line]) -> int | None:
    return len(lines) - 1 if MOBILE.match(lines[-1].text) else None


def _notice(lines: Sequence[Line]) -> int | None:
    """A legal footer in the last paragraph, which may begin below a name."""
    for start in range(_last_paragraph(lines), len(lines)):
        if is_notice("\n".join(line.text for line in lines[start:])):
            return start
    return None


def _closed(lines: Sequence[Line]) -> int | None:
    """A closing ("Kind regards") and what stands below it, where that is short and no more is said."""
    written = [at for at, line in enumerate(lines) if not line.is_blank][-_AFTER_CLOSING:]
    for at in written:
        below = lines[at + 1 :]
        if CLOSING.match(lines[at].text) and (all(line.is_blank for line in below) or is_block(below)):
            return at
    return None


def _dashed(lines: Sequence[Line]) -> int | None:
    name = _DASH_NAME.match(lines[-1].text)
    is_alone = len(lines) > 1 and lines[-2].is_blank
    is_name = name and all(word[0].isupper() for word in name[1].split())
    is_item = any(_BULLET.match(line.text) for line in lines[:-1])
    return len(lines) - 1 if is_name and is_alone and not is_item and not _asks_for_it(lines[:-1]) else None


def _contacts(lines: Sequence[Line]) -> int | None:
    """A last paragraph that is a visiting card: a name above, below it ways to reach that person."""
    start = _last_paragraph(lines)
    if not start or len(lines) - start <= CARD or _asks_for_it(lines[:start]):
        return None
    return start if is_card(lines[start:]) and not has_contact(lines[start].text) else None


def _named(lines: Sequence[Line], sender: str) -> int | None:
    """A last paragraph that begins with the sender's own name."""
    name = words_of(sender.split("<", maxsplit=1)[0].split("@", maxsplit=1)[0])
    start = _last_paragraph(lines)
    first = _WORD.findall(lines[start].text[:300]) if start else []
    if not name or not first or len(first) > _NAME_WORDS or {word.lower() for word in first} - name:
        return None
    return start if is_block(lines[start:]) and not _asks_for_it(lines[:start]) else None


def _last_paragraph(lines: Sequence[Line]) -> int:
    start = len(lines)
    while start and not lines[start - 1].is_blank:
        start -= 1
    return start


def _asks_for_it(above: Sequence[Line]) -> bool:
    # "Please call me here:" makes the card below it the message.
    last = next((line.text.rstrip() for line in reversed(above) if not line.is_blank), "")
    return last.endswith((":", "\uff1a"))


def _has_words(lines: Sequence[Line]) -> bool:
    return any(
        any(char.isalnum() for char in line.text) or not line.text.isascii() for line in lines if not line.is_blank
    )
