"""Honest probabilities: how much to trust each kind of evidence, told by cross-validation."""

import math
from collections.abc import Sequence

Evidence = Sequence[Sequence[float]]  # one line of scores per value
Answered = tuple[Evidence, int]  # the evidence for one text, and the place of the right value
FIRST_GUESS = 0.5
FIRST_STEP, LAST_STEP = 0.5, 0.05
SCALES = (1.0, 4.0, 1.0)  # words, lexicon, prior: what one step means for each
RESTRAINT = 0.05  # price of trust, or evidence that never errs on the sample would be trusted without bound


def fit_trust(answered: Sequence[Answered]) -> tuple[float, ...]:
    """Return a weight per kind of evidence under which the right answers are likeliest (coordinate descent)."""
    trust = [FIRST_GUESS * scale for scale in SCALES]
    step = FIRST_STEP
    best = surprise(answered, trust)
    while answered and step > LAST_STEP:
        better = False
        for place, scale in enumerate(SCALES):
            for change in (step * scale, -step * scale):
                tried = [*trust[:place], max(0.0, trust[place] + change), *trust[place + 1 :]]
                found = surprise(answered, tried)
                if found < best:
                    trust, best, better = tried, found, True
                    break
        step = step if better else step / 2
    return tuple(trust)


def surprise(answered: Sequence[Answered], trust: Sequence[float]) -> float:
    """Return the summed negative log-likelihood of the right answers, plus the price of trust."""
    by_words, by_lexicon, by_prior = trust
    total = RESTRAINT * sum((weight / scale) ** 2 for weight, scale in zip(trust, SCALES, strict=True))
    for evidence, right in answered:
        scores = [by_words * a + by_lexicon * b + by_prior * c for a, b, c in evidence]
        best = max(scores)
        total += math.log(sum([math.exp(score - best) for score in scores])) - scores[right] + best
    return total


def expected_calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Return the mean gap between stated confidence and hit rate, over equally wide bins."""
    sums = [[0.0, 0.0] for _ in range(bins)]
    for stated, right in pairs:
        cell = sums[min(bins - 1, int(stated * bins))]
        cell[0] += stated
        cell[1] += right
    return sum(abs(stated - right) for stated, right in sums) / len(pairs) if pairs else 0.0
