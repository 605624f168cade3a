"""Which call goes wrong: kinds of fault, their shares, windows and conditions."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Everything that can be made to go wrong."""

    RATE_LIMIT = "rate_limit"
    RAMP_LIMIT = "ramp_limit"
    SPEND_LIMIT = "spend_limit"
    ERROR_500 = "error_500"
    OVERLOADED = "overloaded"
    UNAUTHORIZED = "unauthorized"
    CREDIT_400 = "credit_400"
    USAGE_LIMIT_400 = "usage_limit_400"
    DISABLED_400 = "disabled_400"
    FORMAT_REFUSED_400 = "format_refused_400"
    REFUSED_400 = "refused_400"
    OVERLOADED_200 = "overloaded_200"
    HTML_200 = "html_200"
    REDIRECT = "redirect"
    TIMEOUT = "timeout"
    TRICKLE = "trickle"
    TRUNCATED = "truncated"
    REFUSAL = "refusal"
    MALFORMED = "malformed"
    OUT_OF_TAXONOMY = "out_of_taxonomy"
    SCHEMA = "schema"
    EMPTY = "empty"
    THINKING_FIRST = "thinking_first"
    FENCED = "fenced"
    PROSE = "prose"
    ECHO = "echo"


@dataclass(frozen=True)
class Fault:
    """One planned fault. Every condition that is set must hold.

    `share` of the calls are hit, between `start_s` and `end_s` after the plan was set (None: for ever), for
    `model` only, when the ticket's text contains `match`, `times` times at most. `retry_after_s` goes with the
    429 and 529 kinds, `error_code` replaces a spend limit's, `category` a refusal's.
    """

    kind: Kind
    share: float = 1.0
    start_s: float = 0.0
    end_s: float | None = None
    model: str | None = None
    match: str | None = None
    times: int | None = None
    retry_after_s: float | None = None
    error_code: str | None = None
    category: str = "general_harms"

    def concerns(self, model: str, text: str, elapsed_s: float) -> bool:
        """Whether a call is within reach of this fault, chance aside."""
        in_window = self.start_s <= elapsed_s and (self.end_s is None or elapsed_s < self.end_s)
        right_model = self.model is None or self.model == model
        return in_window and right_model and (self.match is None or self.match in text)


class FaultPlan:
    """The faults in force, in order: the first that strikes is the one that happens."""

    def __init__(self, faults: Sequence[Fault], seed: int, now: float | None = None) -> None:
        self.faults = tuple(faults)
        self._random = random.Random(seed)
        self._struck: Counter[int] = Counter()
        self._since = time.monotonic() if now is None else now

    def pick(self, model: str, text: str, now: float) -> Fault | None:
        """Return the fault that hits this call, if any."""
        for place, fault in enumerate(self.faults):
            spent = fault.times is not None and self._struck[place] >= fault.times
            if not spent and fault.concerns(model, text, now - self._since) and self._random.random() < fault.share:
                self._struck[place] += 1
                return fault
        return None
