"""Phrases of a word list, compiled: `lawyer*`, `*brand*`, `take .. court`, `legal (action|team)`.

A star stands for any letters, two dots for up to four words, brackets for a choice, `(x)?` for what may be absent. Each
phrase is looked for only where its rarest word, the anchor, occurs; so a long list costs a text hardly anything.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from worker.routing.words import Words, fold

_GAP = r"(?: \w+){0,4}"
_UMLAUTS = {"ä": "ae?", "ö": "oe?", "ü": "ue?"}
_KEY = 3
"""Letters by which words are looked up; no stem is shorter."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One entry of a list, and the list's name."""

    pattern: re.Pattern[str]
    kind: str


@dataclass(slots=True)
class Phrases:
    """A set of phrases by their anchors. Linear in the text: a word is looked up, and few patterns are tried."""

    _exact: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    _stems: dict[str, list[tuple[str, Phrase]]] = field(default_factory=lambda: defaultdict(list))
    _inner: list[tuple[str, Phrase]] = field(default_factory=list)

    def add(self, entry: str, kind: str, common: Collection[str]) -> None:
        """Compile an entry; its anchor is the longest word that is not a `common` one."""
        phrase = Phrase(re.compile(rf"\b{_pattern(entry)}\b"), kind)
        for anchor in _anchors(entry, common):
            bare = anchor.strip("*")
            if anchor.startswith("*"):
                self._inner.append((bare, phrase))
            elif anchor.endswith("*"):
                self._stems[bare[:_KEY]].append((bare, phrase))
            else:
                self._exact[bare].append(phrase)

    def candidates(self, words: Words) -> Iterable[Phrase]:
        """Yield the phrases whose anchor stands in the text; some of them twice."""
        for word in words.distinct:
            yield from self._exact.get(word, ())
            for stem, phrase in self._stems.get(word[:_KEY], ()):
                if word.startswith(stem):
                    yield phrase
        for part, phrase in self._inner:
            if part in words.text:
                yield phrase

    def count(self, words: Words) -> int:
        """Count the phrases that stand in a text, each once."""
        found = {id(phrase) for phrase in self.candidates(words) if phrase.pattern.search(words.text)}
        return len(found)


def _elements(entry: str) -> list[str]:
    """Split an entry at the spaces that stand in no bracket."""
    return re.findall(r"(?:\([^()]*\)\??|[^\s()])+", entry)


def _pattern(entry: str) -> str:
    pattern = ""
    for element in _elements(entry):
        if element == "..":
            pattern += _GAP
        elif element.startswith("(") and element.endswith(")?"):
            pattern += f"(?: {_inner(element[:-1])})?"
        else:
            pattern += f" {_inner(element)}"
    return pattern.removeprefix(" ")


def _inner(element: str) -> str:
    spelled = "".join(_UMLAUTS.get(letter, letter) for letter in element.lower())
    return fold(spelled).replace("'", " ").replace("(", "(?:").replace("*", r"\w*").replace(" .. ", f"{_GAP} ")


def _anchors(entry: str, common: Collection[str]) -> list[str]:
    choices = [_choices(element) for element in _elements(entry) if element != ".." and not element.endswith(")?")]
    return max(choices, key=lambda words: min((_worth(word, common) for word in words), default=0))


def _choices(element: str) -> list[str]:
    """The words of which one has to stand in a text for an element to match: of each choice the longest."""
    inner = element[element.index("(") + 1 : element.index(")")] if element.startswith("(") else element
    longest = [max(choice.replace("'", " ").split(), key=len) for choice in inner.split("|") if choice.strip()]
    return sorted({spelling for word in longest for spelling in _spellings(word.lower())})


def _spellings(word: str) -> set[str]:
    plain = re.sub(r"\(.*?\)\??", "", word)
    return {fold(plain), fold("".join(_UMLAUTS.get(letter, letter).rstrip("?") for letter in plain))}


def _worth(word: str, common: Collection[str]) -> float:
    return 0.5 if word in common else len(word.strip("*"))
