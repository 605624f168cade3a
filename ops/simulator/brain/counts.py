"""Counts of features by label and fold: all that naive Bayes needs to know."""

from collections import Counter
from collections.abc import Callable, Sequence

from ops.simulator.brain.features import words
from ops.simulator.brain.folds import fold_of
from ops.simulator.brain.rows import Row

Features = Callable[[list[str]], set[str]]


class Columns:
    """A number for every value of every label: the columns of the weight table."""

    def __init__(self, rows: Sequence[Row]) -> None:
        pairs = sorted({pair for row in rows for pair in row.labels.items()})
        self._numbers = {pair: number for number, pair in enumerate(pairs)}
        self.by_key: dict[str, dict[str, int]] = {}
        for (key, value), number in self._numbers.items():
            self.by_key.setdefault(key, {})[value] = number

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, row: Row) -> list[int]:
        """Return the columns of a row's labels."""
        return [self._numbers[pair] for pair in row.labels.items()]


class Counts:
    """How often each feature came with each label value, fold by fold."""

    def __init__(self, rows: Sequence[Row], columns: Columns, features: Features) -> None:
        self.columns = columns
        self.features: dict[str, Counter[tuple[int, int]]] = {}
        self.totals: Counter[tuple[int, int]] = Counter()
        self.documents: Counter[tuple[int, int]] = Counter()
        for row in rows:
            self._add(columns.of(row), fold_of(row.text), features(words(row.text)))

    def _add(self, columns: Sequence[int], fold: int, found: set[str]) -> None:
        cells = [(column, fold) for column in columns]
        for feature in found:
            self.features.setdefault(feature, Counter()).update(cells)
        for cell in cells:
            self.totals[cell] += len(found)
            self.documents[cell] += 1

    def without(self, cells: Counter[tuple[int, int]], fold: int) -> list[int]:
        """Return a count for every column, leaving one fold out."""
        counted = [0] * len(self.columns)
        for (column, where), count in cells.items():
            if where != fold:
                counted[column] += count
        return counted
