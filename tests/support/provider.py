"""An independent idea of the provider: buckets of sixty seconds' worth, refilled continuously, never to run dry."""

from dataclasses import dataclass, field

CAPACITY_S = 60.0


@dataclass
class Provider:
    """Charges requests and input when a call arrives, output when it ends. Time in ms, real time."""

    per_minute: tuple[float, float, float]
    capacity_s: float = CAPACITY_S
    levels: list[float] = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.levels = [limit / 60 * self.capacity_s for limit in self.per_minute]

    def charge(self, now: float, requests: float = 0, inputs: float = 0, output: float = 0) -> None:
        """Take what a call uses; an AssertionError where it would have been refused."""
        assert now >= self.at
        filled = zip(self.levels, self.per_minute, strict=True)
        passed_s = (now - self.at) / 1000
        self.levels = [min(limit / 60 * self.capacity_s, level + limit / 60 * passed_s) for level, limit in filled]
        self.at = now
        self.levels = [level - used for level, used in zip(self.levels, (requests, inputs, output), strict=True)]
        assert min(self.levels) >= 0, f"the provider's limits are exceeded: {self.levels}"
