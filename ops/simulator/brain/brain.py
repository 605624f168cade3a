"""One tier's judgement: which value of a label a text deserves, and how probably."""

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.simulator.brain.calibration import Answered, fit_trust
from ops.simulator.brain.counts import Columns, Counts, Features
from ops.simulator.brain.features import words
from ops.simulator.brain.folds import FOLDS, Folds
from ops.simulator.brain.lexicon import Lexicon
from ops.simulator.brain.rows import Row
from ops.simulator.brain.weights import FoldWeights, Weights

SAMPLE_CELLS = 2_400  # rows times values looked at to calibrate: enough for three numbers, quick at start


@dataclass(frozen=True)
class Look:
    """What a brain made of a text: scores per column by learned words, lexicon and prior, and the words seen."""

    learned: Sequence[float]
    lexicon: Sequence[float]
    prior: Weights
    seen: Sequence[tuple[str, Weights]]

    def evidence(self, column: int) -> tuple[float, float, float]:
        """Return the three scores of a column."""
        return self.learned[column], self.lexicon[column], self.prior[column]


@dataclass(frozen=True)
class Choice:
    """The place of the chosen value and its probability."""

    place: int
    probability: float


class Brain:
    """Naive Bayes over labelled rows, beside a lexicon; the fold of the asked text is always left out.

    Only the trust in the kinds of evidence, three numbers per label, is fitted on the whole sample.
    """

    def __init__(
        self, rows: Sequence[Row], columns: Columns, features: Features, lexicon: Lexicon, sample: Sequence[Row]
    ) -> None:
        self._features = features
        self._columns = columns
        self._lexicon = lexicon
        counts = Counts(rows, columns, features)
        self._folds = [FoldWeights(counts, fold) for fold in range(FOLDS)]
        self._parts = Folds((row.text, words(row.text)) for row in rows)
        self._trust = {key: self._fit(sample, key) for key in columns.by_key}
        # Rule of succession: nobody who was asked n times may be surer than this.
        self._surest = 1.0 - 1.0 / (len(sample) + 2)

    def look(self, text: str) -> Look:
        """Score a text with the model that was trained without its fold."""
        tokens = words(text)
        table = self._folds[self._parts.to_leave_out(text, tokens)]
        seen = [(word, weights) for word in self._features(tokens) if (weights := table[word])]
        learned = map(sum, zip(*[weights for _, weights in seen], strict=True)) if seen else [0.0] * len(self._columns)
        return Look(_scaled(learned, len(seen)), _scaled(self._lexicon.scores(tokens), len(tokens)), table.prior, seen)

    def choose(self, look: Look, key: str, columns: Sequence[int]) -> Choice:
        """Return the likeliest of some values of a label, with its calibrated probability among them."""
        by_words, by_lexicon, by_prior = self._trust[key]
        learned, lexicon, prior = look.learned, look.lexicon, look.prior
        scores = [by_words * learned[c] + by_lexicon * lexicon[c] + by_prior * prior[c] for c in columns]
        best = max(scores)
        probability = 1.0 / sum([math.exp(score - best) for score in scores])
        return Choice(scores.index(best), min(probability, self._surest) if len(scores) > 1 else 1.0)

    def strongest(self, look: Look, column: int, count: int = 3) -> list[str]:
        """Return the words that speak most for a column."""
        plain = [
            (weights[column], word) for word, weights in look.seen if word[-1] not in "~!?" and weights[column] > 0
        ]
        return [word for _, word in heapq.nlargest(count, plain)]

    def _fit(self, rows: Sequence[Row], key: str) -> tuple[float, ...]:
        columns = list(self._columns.by_key[key].values())
        places = {value: place for place, value in enumerate(self._columns.by_key[key])}
        labelled = [row for row in rows if key in row.labels][: max(1, SAMPLE_CELLS // len(columns))]
        answered: list[Answered] = []
        for row in labelled:
            look = self.look(row.text)
            answered.append(([look.evidence(column) for column in columns], places[row.labels[key]]))
        return fit_trust(answered)


def _scaled(scores: Iterable[float], count: int) -> list[float]:
    # A long text repeats itself: evidence grows with the root of its length, not with the length.
    scale = 1.0 / math.sqrt(count or 1)
    return [score * scale for score in scores]
