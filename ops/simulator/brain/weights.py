"""Naive Bayes weights of one fold: computed when a feature is first met, then kept."""

import math

from ops.simulator.brain.counts import Counts

SMOOTHING = 1.0
Weights = tuple[float, ...]


class FoldWeights(dict[str, Weights]):
    """Feature to one log weight per column, learned from every row outside one fold.

    Weights are relative to the mean over the values of the same label, so a feature that says nothing weighs nothing.
    """

    def __init__(self, counts: Counts, fold: int) -> None:
        super().__init__()
        self._counts = counts
        self._fold = fold
        totals = counts.without(counts.totals, fold)
        size = len(counts.features) * SMOOTHING
        self._log_totals = [math.log(total + size) if size else 0.0 for total in totals]
        documents = counts.without(counts.documents, fold)
        self.prior = self._centred([math.log(count + 1.0) for count in documents])

    def __missing__(self, feature: str) -> Weights:
        cells = self._counts.features.get(feature)
        if cells is None:
            return ()  # not kept: what was never seen must not fill the memory
        counted = self._counts.without(cells, self._fold)
        pairs = zip(counted, self._log_totals, strict=True)
        weights = self._centred([math.log(count + SMOOTHING) - total for count, total in pairs])
        self[feature] = weights
        return weights

    def _centred(self, logs: list[float]) -> Weights:
        for columns in self._counts.columns.by_key.values():
            mean = sum(logs[column] for column in columns.values()) / len(columns)
            for column in columns.values():
                logs[column] -= mean
        return tuple(logs)
