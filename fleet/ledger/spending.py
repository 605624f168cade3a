"""What was spent today and lately, read off the limiter's books."""

from dataclasses import dataclass

import redis

from fleet.ledger.together import read_together

DAY_MS = 86_400_000
MINUTE_MS = 60_000
PACE_MINUTES = 10
"""How far back the pace is taken from: short enough to follow a changed load, long enough to be no accident."""


@dataclass(frozen=True, slots=True)
class Spending:
    """Nano-dollars of the current day (UTC). Reserved: calls under way, at their worst case.

    Of what was spent `estimated_nusd` are estimates for calls whose figure never came.
    """

    spent_nusd: int
    reserved_nusd: int
    nusd_per_minute: float
    estimated_nusd: int = 0

    @property
    def used_nusd(self) -> int:
        """What counts against the day's cap."""
        return self.spent_nusd + self.reserved_nusd

    def minutes_left(self, cap_nusd: int) -> float | None:
        """When the cap is reached at the present pace; None while nothing is spent."""
        left = max(0, cap_nusd - self.used_nusd)
        return left / self.nusd_per_minute if self.nusd_per_minute else None


def read_spending(client: redis.Redis) -> Spending:
    """Read what today's calls cost and how fast money goes."""
    seconds, _ = client.time()
    now_ms = seconds * 1000
    this_minute = now_ms // MINUTE_MS
    (spent, reserved, estimated), minutes = read_together(
        client,
        ("HMGET", f"tf:bud:{now_ms // DAY_MS}", "spent", "reserved", "estimated"),
        ("MGET", *(f"tf:spent:m:{this_minute - back}" for back in range(PACE_MINUTES))),
    )
    # From the first minute that spent until now: quiet minutes count, those before the fleet ran do not.
    span = max((back + 1 for back, value in enumerate(minutes) if value is not None), default=1)
    pace = sum(int(value or 0) for value in minutes) / span
    return Spending(int(spent or 0), max(0, int(reserved or 0)), pace, max(0, int(estimated or 0)))
