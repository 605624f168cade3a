"""Whether lines are a signature block: who somebody is and how to reach them, and nothing that is said.

Below a delimiter people also write their second point, a log, a PS. What is left in the body costs a few tokens;
what is taken out of it is never read.
"""

import re
from collections.abc import Iterator, Sequence

from producers.mail.reply.lines import Line
from producers.mail.signature.closings import CLOSING, MATTERS, MOBILE, POSTSCRIPT

MAX_LINES = 8
"""Lines of a block, not counting those that say how to reach somebody."""

CARD = 2
"""Ways to reach somebody that make a visiting card."""

_LONGEST = 100
_MAX_ALL = 20
_MAX_LOWER = 3
_SENTENCE_WORDS = 4
_NAME_WORDS = 6
_CASELESS_WORDS = 4
_CJK_NAME = 16

_CONTACT = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,255}\.\w|(?:^|\s)@\w{2,30}\s*$|\bhttps?://\S{1,200}|\bwww\.\S{1,200}|\b(?:tel|telephone"
    r"|fax|phone|mobile|mob|mobil"
    r"|cell|skype|e-?mail|web|office|direct|tél|telefon|telefono|teléfono|тел)\b\.?\s{0,3}[:.]"
    r"|\b[tfmpew]\b\s{0,2}[:.]\s{0,3}(?=[+\d(]|www\.|http|\S{1,64}@)"
    r"|\+?\(?\d[\d\s()./-]{6,30}\d",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]{0,60}")
_LETTERS = re.compile(r"[^\W\d_]{2,60}")
_END = re.compile(r"[?!;:.\u2026]\s*$|, ")
_ASKS = re.compile(r"[?\uff1f\u061f\uff01\u3002]")
_ITEM = re.compile(r"\s{0,8}(?:\(?\d{1,3}[).]|\(?[a-z]\)|[-*\u2022\u00b7+]\s)\s{0,4}\S", re.IGNORECASE)
_CODE = re.compile(
    r"[{}$]|;\s*$|```|[=<>]=|\w\(|=>|->|::|^\s{0,8}(?:#(?:[#!\s]|$)|//|>)"
    r"|^\s{0,8}\[?(?:info|debug|trace|warn(?:ing)?|error|fatal|critical"
    r"|severe|exception|traceback|notice|panic)\b|^\s{0,8}\[?\d{2,4}[-:/.]\d{2}[-:/.]\d{2}|^\s{0,8}[\w.-]{1,40}=|"
    r"^\s{0,8}at \w"
    r"|\b0x[0-9a-f]{2}|\b(?:exit code|stack ?trace)\b",
    re.IGNORECASE,
)
_CONNECTORS = frozenset(
    (
        *("of", "the", "and", "for", "at", "in", "to", "by", "on", "a", "an"),
        *("und", "der", "die", "das", "des", "den", "dem", "für", "von", "vom", "zu", "zur", "im", "am", "bei"),
        *(
            "de",
            "del",
            "da",
            "di",
            "do",
            "dos",
            "du",
            "la",
            "le",
            "el",
            "los",
            "las",
            "et",
            "e",
            "y",
            "en",
            "i",
            "w",
            "z",
        ),
        *("van", "het", "voor", "op", "met", "och", "för", "av", "på", "og", "til", "ja"),
        *("\u0438", "\u0432", "\u043f\u043e", "\u0434\u043b\u044f", "\u043d\u0430"),
    )
)
_SEGMENTS = re.compile(r"[|\u2022\u00b7]")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_SAYS = re.compile("[了吗呢请没不着过]|[ますでしたせんださい]{2}$|[ぁ-ん]{3}|니다|세요|어요|아요|해요")
_CASELESS = re.compile("[\u0590-\u06ff\u0750-\u077f\u0900-\u0e7f]")


def is_block(lines: Sequence[Line], names: frozenset[str] = frozenset(), *, needs_anchor: bool = True) -> bool:
    """Tell whether these lines are a signature block.

    Every paragraph needs an anchor (a name, a way to reach somebody, regards) unless the whole is a visiting card; with
    `names`, the sender's words, one of the anchors has to be the sender's.
    """
    texts = [line.text.strip() for line in lines if not line.is_blank]
    contacts = sum(map(has_contact, texts))
    if not texts or len(texts) > _MAX_ALL or len(texts) - contacts > MAX_LINES or any(map(_says_something, texts)):
        return False
    if contacts >= CARD or not needs_anchor:
        return True
    is_senders = not names or contacts > 0 or any(words_of(text) & names for text in texts)
    return is_senders and all(any(map(_is_anchor, paragraph)) for paragraph in _paragraphs(lines))


def is_card(lines: Sequence[Line], contacts: int = CARD) -> bool:
    """Tell whether a block names at least so many ways to reach somebody."""
    return is_block(lines, needs_anchor=False) and sum(has_contact(line.text) for line in lines) >= contacts


def has_contact(text: str) -> bool:
    """Tell whether a line says how to reach somebody."""
    return bool(_CONTACT.search(text[:_LONGEST]))


def words_of(text: str) -> frozenset[str]:
    """Return the words of a name or a line, in small letters."""
    return frozenset(word.lower() for word in _LETTERS.findall(text[: 3 * _LONGEST]))


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[str]]:
    paragraph: list[str] = []
    for line in (*lines, Line("")):
        if not line.is_blank:
            paragraph.append(line.text.strip())
        elif paragraph:
            yield paragraph
            paragraph = []


def _says_something(text: str) -> bool:
    """A sentence, a question, a postscript, code, a numbered point, a number that the message is about."""
    if MOBILE.match(text) or CLOSING.match(text):
        return False
    if len(text) > _LONGEST or _ASKS.search(text) or POSTSCRIPT.match(text) or MATTERS.search(text):
        return True
    return bool(_ITEM.match(text) or _CODE.search(text)) or _is_sentence(text)


def _is_sentence(text: str) -> bool:
    said = _CONTACT.sub(" ", text)
    if _CJK.search(said):
        return bool(_CJK_SAYS.search(said))
    words = _WORD.findall(said)
    lower = [word for word in words if word[0].islower() and word.lower() not in _CONNECTORS]
    if len(lower) > _MAX_LOWER or (_CASELESS.search(said) and len(words) > _CASELESS_WORDS):
        return True
    return len(words) >= _SENTENCE_WORDS and len(lower) > 1 and bool(_END.search(said))


def _is_anchor(text: str) -> bool:
    if has_contact(text) or MOBILE.match(text) or CLOSING.match(text):
        return True
    return any(map(_is_name, _SEGMENTS.split(text)))


def _is_name(text: str) -> bool:
    if _CJK.search(text):
        return len(text) <= _CJK_NAME
    words = _WORD.findall(text)
    return 0 < len(words) <= _NAME_WORDS and (len(words) == 1 or all(map(_is_name_word, words)))


def _is_name_word(word: str) -> bool:
    return not word[0].islower() or word.lower() in _CONNECTORS
