"""How long a call takes: time to the first token, then time per token, both log-normal."""

import random
from dataclasses import dataclass

FIRST_SIGMA = 0.35
TOKEN_SIGMA = 0.15


@dataclass(frozen=True)
class Pace:
    """Median seconds to the first token and per output token."""

    first_s: float
    token_s: float


PACES = {"haiku": Pace(0.25, 0.005), "sonnet": Pace(0.4, 0.008)}
SLOW = Pace(0.5, 0.011)


class Latency:
    """Seeded waiting times; a scale of 0 answers at once."""

    def __init__(self, scale: float, seed: int) -> None:
        self._scale = scale
        self._random = random.Random(seed)

    def draw_s(self, family: str, output_tokens: int) -> float:
        """Return the seconds one call takes."""
        if self._scale == 0:
            return 0.0
        pace = PACES.get(family, SLOW)
        first = pace.first_s * self._random.lognormvariate(0.0, FIRST_SIGMA)
        rest = pace.token_s * output_tokens * self._random.lognormvariate(0.0, TOKEN_SIGMA)
        return (first + rest) * self._scale
