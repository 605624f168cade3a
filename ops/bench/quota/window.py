"""The arithmetic of a measurement: two readings of the simulator, what lies between them, and shares of the quota."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

ACCEPTED, REFUSED = "200", "429"


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests per minute, the tightest limit; `burst_s` is how many seconds' worth the simulator lets out at once."""

    requests_per_minute: float
    burst_s: float = 60.0

    @property
    def per_s(self) -> float:
        """Requests per second in the long run."""
        return self.requests_per_minute / 60

    def toml(self, *, for_simulator: bool) -> str:
        """The limits file; workers know no burst, theirs is a constant."""
        burst = f"burst_s = {self.burst_s!r}\n" if for_simulator else ""
        return f"[default]\nrequests_per_minute = {self.requests_per_minute!r}\n{burst}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Calls that the simulator has answered since its start, at an instant of this machine's monotonic clock."""

    at_s: float
    accepted: int
    refused: int
    other: int = 0


def reading(stats: Mapping[str, Any], at_s: float) -> Reading:
    """Read the simulator's statistics, all models together."""
    total: dict[str, int] = {}
    for statuses in stats["calls"].values():
        for status, count in statuses.items():
            total[status] = total.get(status, 0) + count
    other = sum(count for status, count in total.items() if status not in (ACCEPTED, REFUSED))
    return Reading(at_s, total.get(ACCEPTED, 0), total.get(REFUSED, 0), other)


@dataclass(frozen=True, slots=True)
class Window:
    """Calls answered between two readings."""

    seconds: float
    accepted: int
    refused: int
    other: int = 0

    @classmethod
    def between(cls, before: Reading, after: Reading) -> "Window":
        """What happened from one reading to the next."""
        return cls(
            after.at_s - before.at_s,
            after.accepted - before.accepted,
            after.refused - before.refused,
            after.other - before.other,
        )

    def without(self, foreign: Mapping[str, int]) -> "Window":
        """Our part: all calls but those that somebody else counted, by status."""
        return replace(
            self,
            accepted=self.accepted - foreign.get(ACCEPTED, 0),
            refused=self.refused - foreign.get(REFUSED, 0),
        )

    def utilisation(self, quota: Quota, share: float = 1.0) -> float:
        """Accepted calls as a share of what the quota, or our share of it, allows in this time."""
        return self.accepted / (quota.per_s * share * self.seconds)

    @property
    def refused_share(self) -> float:
        """Refused calls as a share of all calls."""
        calls = self.accepted + self.refused + self.other
        return self.refused / calls if calls else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. None: not measured, and `note` says why.

    `failed`: tickets given up for good in the window. `wasted`: calls of the whole run that were answered and billed
    but whose answer nobody got.
    """

    name: str
    utilisation: float | None
    refused: int | None
    refused_share: float | None
    failed: int | None = None
    wasted: int | None = None
    window_s: float | None = None
    note: str = ""


def row_of(name: str, window: Window, quota: Quota, share: float = 1.0, **more: Any) -> Row:
    """Make a row of a window; `share` is the part of the quota that was ours."""
    return Row(
        name,
        round(window.utilisation(quota, share), 4),
        window.refused,
        round(window.refused_share, 4),
        window_s=round(window.seconds, 1),
        **more,
    )
