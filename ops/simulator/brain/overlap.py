"""For a taxonomy nobody trained: compare the text with what the schema says about each value."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ops.simulator.brain.brain import Choice
from ops.simulator.brain.features import STEM, words
from ops.simulator.brain.language import SMALL_WORDS

NAME_WEIGHT = 3.0
SURE = 0.5  # word overlap is a guess, and says so
UNSURE = 0.2
_INTRODUCES = "[\"'`*]*\\s*[:=(\u2013\u2014-]"  # a quote may close, then a colon, a bracket or a dash
_SEPARATORS = re.compile(r"[_\-./]+")


class Overlap:
    """Chooses among named values by the words that their names and descriptions share with a text."""

    def __init__(self, values: Sequence[str], description: str) -> None:
        self._count = len(values)
        sections = _sections(values, description)
        stems = [_stems(_SEPARATORS.sub(" ", value)) for value in values]
        common = Counter(stem for section in sections for stem in section)
        self._weights: dict[str, list[tuple[int, float]]] = {}
        for place, (names, section) in enumerate(zip(stems, sections, strict=True)):
            for stem in names | section:
                weight = NAME_WEIGHT if stem in names else 1.0 / common[stem]
                self._weights.setdefault(stem, []).append((place, weight))

    def scores(self, tokens: Sequence[str]) -> list[float]:
        """Return how much each value's words occur in a text."""
        found = [0.0] * self._count
        for stem in {token[:STEM] for token in tokens if token not in SMALL_WORDS}:
            for place, weight in self._weights.get(stem, ()):
                found[place] += weight
        return found

    def choose(self, tokens: Sequence[str]) -> Choice:
        """Return the value with most words in common; without any, the last one, which is usually the rest."""
        scores = self.scores(tokens)
        best = max(scores)
        if best <= 0:
            return Choice(self._count - 1, max(UNSURE, 1.0 / self._count) * SURE)
        return Choice(scores.index(best), UNSURE + (SURE - UNSURE) * best / sum(scores))


def _sections(values: Sequence[str], description: str) -> list[set[str]]:
    """Split a description into what stands behind each value's name, up to the next name."""
    marks = sorted(_marks(values, description))
    found: Mapping[int, set[str]] = {place: set() for place in range(len(values))}
    ends = [start for start, _, _ in marks[1:]] + [len(description)]
    for (_, start, place), end in zip(marks, ends, strict=False):
        found[place].update(_stems(description[start:end]))
    return [found[place] for place in range(len(values))]


def _marks(values: Sequence[str], description: str) -> list[tuple[int, int, int]]:
    marks: list[tuple[int, int, int]] = []
    for place, value in enumerate(values):
        named = re.compile(rf"(?<!\w){re.escape(value)}(?!\w){_INTRODUCES}", re.IGNORECASE)
        marks += [(hit.start(), hit.end(), place) for hit in named.finditer(description)]
    return marks


def _stems(text: str) -> set[str]:
    return {token[:STEM] for token in words(text) if token not in SMALL_WORDS}
