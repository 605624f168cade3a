"""Whether the plain text and the HTML of one mail say the same.

Compared are sentences of what the writer says, by their words: white space, links, quotes, layout, case and pictures do
not count, and neither do "view in your browser" and its like.
"""

# ruff: noqa: RUF001 - letters of other alphabets are meant

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from producers.mail.reply.lines import Line
from producers.mail.reply.split import split_lines

MAX_UNSAID = 8_000
"""Characters that are taken over from the other alternative."""

_MAX_SENTENCES = 3_000
_FEW, _SHARE = 3, 1 / 3
_FEWER, _MOST = 2, 0.6
_ENOUGH, _MOST_OF_ALL = 5, 0.2
"""New words that make a difference: so many, or this part of all words of a short mail."""

_LINK = re.compile(
    r"\[(?:image|cid|bild|imagen?|immagine|afbeelding):[^\]\n]{0,300}\]|<?(?:https?://|mailto:|www\.)[^\s<>]{1,2000}>?"
    r"|\[\w{1,20}(?: \w{1,20}){0,2}\]|<[^\s<>@]{1,64}@[^\s<>]{1,255}>|<[\w. -]{1,60}\.(?:png|jpe?g|gif)>",
    re.IGNORECASE,
)
_SPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_SPACED}]|[^\W_{_SPACED}]+")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|(?<=[\u3002\uff01\uff1f])")
_CHROME = re.compile(
    r"\bhtml\b|\bplain[- ]text\b|\btext version\b|\b(?:view|read|see|open|display)\w{0,3}\b.{0,60}\b(?:browser"
    r"|online|web ?(?:page|version)|correctly|properly|images)\b"
    r"|\btrouble (?:viewing|reading)\b|\bunsubscribe\b|\bmanage (?:your )?(?:preferences|subscription)|\b(?:cannot"
    r"|can't) (?:see|view|read) this"
    r"|\b(?:e-?mail|mail) (?:client|program|reader|software|app)\b|\bshow (?:images|pictures)|\bdownload (?:images"
    r"|pictures)"
    r"|\bim browser\b|\bonline[- ]version\b|\be-?mail-?programm\b|\babmelden\b|\babbestellen\b|\bnewsletter\b"
    r"|\bnavigateur\b|\bversion en ligne\b|\bdésinscri|\bdésabonn|\bnavegador\b|\bversión en línea\b|\bdarse de baja\b"
    r"|\bcancelar (?:a )?(?:suscripción|subscrição)|\bbrowser\b|\bversione online\b|\bdisiscri|\bafmelden\b"
    r"|\bprzeglądar|\bwebbläsare"
    r"|\bnettleser|\bв браузере\b|\bотписаться\b|浏览器|瀏覽器|ブラウザ|브라우저|退订|配信停止",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What only one of the two says; `is_stub` where the plain text says nothing but that there is HTML."""

    only_plain: Sequence[str]
    only_html: Sequence[str]
    is_stub: bool = False

    @property
    def differ(self) -> bool:
        """Whether they say different things."""
        return bool(self.only_plain or self.only_html) and not self.is_stub


def compared(plain: Sequence[Line], html: Sequence[Line]) -> Compared:
    """Hold the two alternatives of a mail against each other."""
    known_plain, known_html = _words_of(plain), _words_of(html)
    if known_plain == known_html:
        return Compared((), ())
    said = list(_sentences(plain))
    is_stub = bool(known_html) and all(_CHROME.search(sentence) or not _words(sentence) for sentence in said)
    return Compared(_unsaid(said, known_html), _unsaid(list(_sentences(html)), known_plain), is_stub)


def _sentences(lines: Sequence[Line]) -> Iterator[str]:
    body = split_lines(lines).body
    for number, sentence in enumerate(_SENTENCES.split(body)):
        if number >= _MAX_SENTENCES:
            return
        if sentence and sentence.strip():
            yield " ".join(sentence.split())


def _unsaid(sentences: Sequence[str], known: frozenset[str]) -> Sequence[str]:
    found = [sentence for sentence in sentences if _is_unsaid(sentence, known)]
    unseen = len(_new(" ".join(found), known))
    # One small phrase in a long mail is a mailing's, whose plain text somebody worded anew.
    return found if unseen >= min(_ENOUGH, _MOST_OF_ALL * len(set(_words(" ".join(sentences))))) else ()


def _is_unsaid(sentence: str, known: frozenset[str]) -> bool:
    unseen = len(_new(sentence, known))
    if unseen < _FEWER or _CHROME.search(sentence):
        return False
    words = len(set(_words(sentence)))
    return unseen >= max(_FEW, _SHARE * words) or unseen >= _MOST * words


def _new(text: str, known: frozenset[str]) -> set[str]:
    return {word for word in _words(text) if word.isalpha() and word not in known}


def _words_of(lines: Sequence[Line]) -> frozenset[str]:
    return frozenset(word for line in lines for word in _words(line.text))


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", text).lower().replace("\xad", ""))
