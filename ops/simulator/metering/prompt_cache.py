"""Prompt caching: which part of a prompt is read, which is written, what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.simulator.metering.segments import TTL_SECONDS, Breakpoint

LARGEST_CACHE = 50_000


@dataclass(frozen=True)
class InputUsage:
    """The input side of `usage`: the three ways a prompt token can be paid for."""

    uncached: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    @property
    def written(self) -> int:
        """Tokens that created cache entries."""
        return self.written_5m + self.written_1h

    @property
    def total(self) -> int:
        """The whole prompt, which decides the price tier."""
        return self.uncached + self.read + self.written

    @property
    def limited(self) -> int:
        """What counts toward the input-token limit: everything not read from the cache."""
        return self.uncached + self.written


class PromptCache:
    """Prefixes by model with their expiry; reading one makes it young again."""

    def __init__(self) -> None:
        self._expiry: dict[tuple[str, int], float] = {}

    def look(self, model: str, total: int, points: Sequence[Breakpoint], minimum: int, now: float) -> InputUsage:
        """Say how a prompt of `total` tokens would be counted; prefixes below `minimum` are never cached."""
        usable = [point for point in points if point.tokens >= minimum]
        hits = [point.tokens for point in usable if self._expiry.get((model, point.prefix), 0.0) > now]
        covered = read = max(hits, default=0)
        written = {"5m": 0, "1h": 0}
        for point in usable:
            if point.tokens > covered:
                written[point.ttl] += point.tokens - covered
                covered = point.tokens
        return InputUsage(total - covered, read, written["5m"], written["1h"])

    def keep(self, model: str, points: Sequence[Breakpoint], minimum: int, now: float) -> None:
        """Remember the prefixes of a prompt that was answered."""
        if len(self._expiry) > LARGEST_CACHE:
            self._expiry = {key: expiry for key, expiry in self._expiry.items() if expiry > now}
        for point in points:
            if point.tokens >= minimum:
                self._expiry[model, point.prefix] = now + TTL_SECONDS[point.ttl]

    def clear(self) -> None:
        """Forget everything."""
        self._expiry.clear()
