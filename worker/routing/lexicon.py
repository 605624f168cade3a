"""Word lists of the languages: function words, risks, harmless phrases, turns of banners (`lexicon/*.toml`)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from worker.routing.phrases import Phrases
from worker.routing.words import Words, fold

_FOLDER = Path(__file__).with_name("lists")
_KINDS = ("law", "law_weak", "safety", "security", "security_weak", "self_harm")
"""A weak word names a topic ("phishing") that every footer names too; the others name what happens to somebody."""

_SHARE = 0.4
"""Of the function words of the language that has most of them: from that share on a language is read as well."""

_FEW = 1
"""With so few function words any language may be meant, and all are read."""

_PARAGRAPHS = 50


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists of one language."""

    language: str
    common: frozenset[str]
    person: frozenset[str]
    people: frozenset[str]
    risks: Phrases
    harmless: Phrases
    banner: Phrases


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Read and compile the lists, once a process."""
    files = sorted(_FOLDER.glob("*.toml"))
    return tuple(_lexicon(file.stem, tomllib.loads(file.read_text("utf-8"))) for file in files)


def read_as(words: Words) -> list[Lexicon]:
    """Choose the languages that a text or a paragraph may be in: a word of one may be harmless in another."""
    counts = _function_words(words.distinct)
    most = max(counts)
    chosen = {n for n, count in enumerate(counts) if most <= _FEW or count >= most * _SHARE}
    paragraphs = words.text.split("\n")
    if len(paragraphs) > 1:
        inner = (_function_words(frozenset(paragraph.split(" "))) for paragraph in paragraphs[:_PARAGRAPHS])
        chosen |= {counts.index(max(counts)) for counts in inner if max(counts) > _FEW}
    return [lexicon for n, lexicon in enumerate(lexicons()) if n in chosen]


def _function_words(distinct: frozenset[str]) -> list[int]:
    return [len(distinct & lexicon.common) for lexicon in lexicons()]


def _lexicon(language: str, lists: dict[str, Any]) -> Lexicon:
    common = frozenset(word for entry in _entries(lists["common"]) for word in fold(entry).replace("'", " ").split())
    risks, harmless, banner = Phrases(), Phrases(), Phrases()
    kinds = [(risks, kind) for kind in _KINDS] + [(harmless, "harmless"), (banner, "banner")]
    for phrases, kind in kinds:
        for entry in _entries(lists[kind]):
            phrases.add(entry, kind, common)
    person, people = (frozenset(map(fold, _entries(lists[name]))) for name in ("person", "people"))
    return Lexicon(language, common, person, people, risks, harmless, banner)


def _entries(text: str) -> list[str]:
    return [stripped for line in text.split("\n") for entry in line.split(",") if (stripped := entry.strip())]
