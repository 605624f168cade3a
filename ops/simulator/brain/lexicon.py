"""General knowledge of support words: what the simulated models know before any ticket is seen."""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from ops.simulator.brain.counts import Columns
from ops.simulator.brain.folds import is_in_part

LEXICON_FILE = Path(__file__).with_name("lexicon.toml")
SHORTEST_STEM, LONGEST_STEM = 3, 12
REMEMBERED_WORDS = 65_536


class Lexicon:
    """Columns that a word speaks for, by itself, by its beginning, or together with the next word.

    `share` keeps a fixed part of the words: the small brain does not know them all.
    """

    def __init__(self, columns: Columns, *, share: float = 1.0) -> None:
        self._size = len(columns)
        self._exact: dict[str, tuple[int, ...]] = {}
        self._stems: dict[str, tuple[int, ...]] = {}
        for column, entry in _entries(columns):
            if not is_in_part(entry, share):
                continue
            table = self._stems if entry.endswith("*") else self._exact
            key = entry.rstrip("*").replace("_", " ")
            table[key] = (*table.get(key, ()), column)
        self._known = lru_cache(maxsize=REMEMBERED_WORDS)(self._word)

    def scores(self, tokens: list[str]) -> list[float]:
        """Return how many different words of a text speak for each column."""
        found = [0.0] * self._size
        exact = self._exact
        for token in set(tokens):
            for column in self._known(token):
                found[column] += 1.0
        for pair in set(map(" ".join, pairwise(tokens))):
            for column in exact.get(pair, ()):
                found[column] += 1.0
        return found

    def _word(self, token: str) -> tuple[int, ...]:
        hits = set(self._exact.get(token, ()))
        for length in range(SHORTEST_STEM, min(LONGEST_STEM, len(token)) + 1):
            hits.update(self._stems.get(token[:length], ()))
        return tuple(hits)


def _entries(columns: Columns) -> Iterator[tuple[int, str]]:
    for key, values in tomllib.loads(LEXICON_FILE.read_text("utf-8")).items():
        known = columns.by_key.get(key, {})
        for value, entries in values.items():
            if value in known:
                yield from ((known[value], entry) for entry in entries.split())
