"""Risk words: a threat of law, a danger to people, a break-in, a person who may harm themselves.

A hit counts unless the sentence is no word of the customer's: names and places, and what banners, footers and
disclaimers say in every mail.
"""

from worker.routing.banners import is_banner
from worker.routing.lexicon import Lexicon, read_as
from worker.routing.words import Words

_MOST_HITS = 100
"""So many harmless hits are no accident any more, and looking at each would take a hostile text's time."""


def find_risk(words: Words) -> str | None:
    """Name a risk that the customer's own words speak of; None for nearly all texts."""
    hits = 0
    for lexicon in read_as(words):
        for phrase in lexicon.risks.candidates(words):
            for match in phrase.pattern.finditer(words.text):
                hits += 1
                if hits > _MOST_HITS or _counts(words, match.span(), phrase.kind, lexicon):
                    return phrase.kind.removesuffix("_weak")
    return None


def _counts(words: Words, span: tuple[int, int], kind: str, lexicon: Lexicon) -> bool:
    begin, end = words.sentence(*span)
    sentence = Words(words.text[begin:end])
    for phrase in lexicon.harmless.candidates(sentence):
        if any(_explains(match.span(), span) for match in phrase.pattern.finditer(words.text, begin, end)):
            return False
    if kind == "self_harm":
        return True
    begin, end = words.paragraph(*span)
    return not is_banner(sentence, Words(words.text[begin:end]), is_weak=kind.endswith("_weak"))


def _explains(harmless: tuple[int, int], hit: tuple[int, int]) -> bool:
    """Whether a harmless phrase explains a hit: they overlap, and the hit does not say more than the phrase."""
    overlaps = harmless[0] < hit[1] and hit[0] < harmless[1]
    says_more = hit[0] <= harmless[0] and harmless[1] <= hit[1] and hit != harmless
    return overlaps and not says_more
