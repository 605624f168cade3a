"""A token bucket that refills continuously."""

import math
from dataclasses import dataclass

MINUTE_S = 60.0


@dataclass(frozen=True)
class Rate:
    """A limit per minute and how many seconds' worth may be taken at once."""

    per_minute: float
    burst_s: float = MINUTE_S

    @property
    def per_second(self) -> float:
        """Refill speed."""
        return self.per_minute / MINUTE_S

    @property
    def capacity(self) -> float:
        """The most the bucket can hold; never less than one, or nothing could pass."""
        return max(1.0, self.per_second * self.burst_s)


class Bucket:
    """The level of one limit. It may go below zero: output counts as produced, after the call was let in."""

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._level = rate.capacity
        self._at = now

    def level(self, now: float) -> float:
        """Bring the level up to date and return it."""
        if now > self._at:
            self._level = min(self.rate.capacity, self._level + (now - self._at) * self.rate.per_second)
            self._at = now
        return self._level

    def wait_s(self, amount: float, now: float) -> float:
        """Return the seconds until `amount` can be taken: 0 for now, infinity for never."""
        if amount > self.rate.capacity or self.rate.per_second <= 0:
            return math.inf
        return max(0.0, (amount - self.level(now)) / self.rate.per_second)

    def take(self, amount: float, now: float) -> None:
        """Take an amount, whether or not it is there."""
        self._level = self.level(now) - amount

    def full_in_s(self, now: float) -> float:
        """Return the seconds until the bucket is full again."""
        missing = self.rate.capacity - self.level(now)
        return missing / self.rate.per_second if self.rate.per_second > 0 else math.inf
