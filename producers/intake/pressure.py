"""The memory guard: a server near its `maxmemory` answers errors to workers, too, so producers stop well before."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pressure:
    """How full the memory of the ledger's server is, from 0 on; 0 where it has no bound."""

    share: float

    def is_over(self, bound: float) -> bool:
        """Whether nothing more may go in."""
        return self.share >= bound


def read_pressure(info: dict[str, Any]) -> Pressure:
    """Read the answer of INFO memory."""
    bound = int(info.get("maxmemory") or 0)
    return Pressure(int(info.get("used_memory") or 0) / bound if bound else 0.0)
