"""The memory guard of a submission: a server that is nearly full needs what is left for its workers."""

from collections.abc import Callable
from typing import Any

import redis

from producers.intake.pressure import read_pressure

LOOK_EVERY_S = 0.5


class MemoryGuard:
    """Says why nothing may go in, or ''. The server is asked twice a second at most."""

    def __init__(self, ask: Callable[[], dict[str, Any]], bound: float, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._bound = bound
        self._clock = clock
        self._asked_at = float("-inf")
        self._trouble = ""

    def __call__(self) -> str:
        """Look, if it is time."""
        if self._clock() - self._asked_at >= LOOK_EVERY_S:
            self._asked_at = self._clock()
            pressure = read_pressure(self._ask())
            self._trouble = (
                f"the memory of the ledger's server is {pressure.share:.0%} full (TRIAGE_MEMORY_FULL_SHARE)"
                if pressure.is_over(self._bound)
                else ""
            )
        return self._trouble


def memory_of(client: redis.Redis) -> dict[str, Any]:
    """Ask a server about its memory; one that does not answer is no full one, and the next write tells."""
    try:
        return dict(client.info("memory"))
    except redis.RedisError:
        return {}
