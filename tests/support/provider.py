"""An independent idea of the provider: buckets that refill continuously and must never run dry."""

from dataclasses import dataclass, field


@dataclass
class Provider:
    """Charges requests and input when a call arrives, output when it ends. Time in ms, real time."""

    per_minute: tuple[float, float, float]
    capacity_s: tuple[float, float, float]
    levels: list[float] = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.levels = self.full()

    def full(self) -> list[float]:
        """Give the levels of full buckets."""
        return [limit / 60 * capacity for limit, capacity in zip(self.per_minute, self.capacity_s, strict=True)]

    def widen(self, seconds: float) -> None:
        """Add so many seconds' worth to each bucket."""
        first, second, third = self.capacity_s
        self.capacity_s = (first + seconds, second + seconds, third + seconds)
        self.levels = [level + limit / 60 * seconds for level, limit in zip(self.levels, self.per_minute, strict=True)]

    def charge(self, now: float, requests: float = 0, inputs: float = 0, output: float = 0) -> None:
        """Take what a call uses; an AssertionError where it would have been refused."""
        assert now >= self.at
        filled = zip(self.full(), self.levels, self.per_minute, strict=True)
        passed_s = (now - self.at) / 1000
        self.levels = [min(full, level + limit / 60 * passed_s) for full, level, limit in filled]
        self.at = now
        self.levels = [level - used for level, used in zip(self.levels, (requests, inputs, output), strict=True)]
        assert min(self.levels) >= 0, f"the provider's limits are exceeded: {self.levels}"
