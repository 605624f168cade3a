"""Banners, footers and disclaimers: what a gateway or a legal department puts into every mail is nobody's request.

Wordings differ from house to house, so they are known by their turns of phrase ("originated outside", "intended solely
for", "will never ask you"), several of them together, and by what they lack: nobody in them says "I" or "my".
"""

import re

from worker.routing.lexicon import Lexicon, read_as
from worker.routing.words import SENTENCE_END, Words, words_of

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_MANY_TURNS, _TURNS, _FEW_TURNS = 4, 3, 2


def is_banner(sentence: Words, paragraph: Words, *, is_weak: bool) -> bool:
    """Whether a sentence is one of a banner's, in whatever language; a weak word needs less of it than a strong one."""
    return any(_is_turned(sentence, paragraph, lexicon, is_weak=is_weak) for lexicon in read_as(sentence))


def _is_turned(sentence: Words, paragraph: Words, lexicon: Lexicon, *, is_weak: bool) -> bool:
    if sentence.distinct & lexicon.person:
        return False
    turns = lexicon.banner.count(sentence)
    is_said = bool(sentence.distinct & lexicon.people) or "?" in sentence.distinct
    if turns >= _FEW_TURNS or (turns == 1 and is_weak and not is_said):
        return True
    least = _TURNS if turns == 1 or is_weak else _MANY_TURNS
    return lexicon.banner.count(paragraph) >= least and (
        turns == 1 or _is_amid(sentence, paragraph, lexicon, is_weak=is_weak)
    )


def _is_amid(sentence: Words, paragraph: Words, lexicon: Lexicon, *, is_weak: bool) -> bool:
    """Whether the sentences next to one are a banner's: what a customer writes may follow a banner without a gap."""
    sentences = _sentences(paragraph)
    place = sentences.index(SENTENCE_END.sub("", sentence.text).strip())
    beside = [Words(text) for text in (*sentences[max(0, place - 1) : place], *sentences[place + 1 : place + 2])]
    turned = [lexicon.banner.count(words) > 0 for words in beside]
    return any(turned) if is_weak else bool(turned) and all(turned)


def without_banners(text: str, words: Words) -> str:
    """Leave out the paragraphs and lines that are banners; a text that has no such turns is left as it is."""
    lexicons = [lexicon for lexicon in read_as(words) if lexicon.banner.count(words) >= _TURNS]
    if not lexicons:
        return text
    kept = [paragraph for paragraph in _PARAGRAPHS.split(text) if not _is_all_banner(paragraph, lexicons)]
    lines = (line for paragraph in kept for line in (*paragraph.split("\n"), ""))
    return "\n".join(line for line in lines if not _is_all_banner(line, lexicons)).strip()


def _is_all_banner(text: str, lexicons: list[Lexicon]) -> bool:
    words = words_of(text)
    return any(
        not words.distinct & lexicon.person and lexicon.banner.count(words) >= _TURNS and _is_mostly(words, lexicon)
        for lexicon in lexicons
    )


def _is_mostly(words: Words, lexicon: Lexicon) -> bool:
    sentences = _sentences(words)
    return 3 * sum(lexicon.banner.count(Words(sentence)) > 0 for sentence in sentences) >= 2 * len(sentences)


def _sentences(words: Words) -> list[str]:
    return [text.strip() for text in SENTENCE_END.split(words.text) if text.strip()]
