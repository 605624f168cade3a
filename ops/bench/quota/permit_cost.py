"""What one permit costs: the acquire script of the worker's limiter beside a PING of the same client, in turn."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fleet.errors import FleetError
from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, scripts
from fleet.ledger.transitions import Transition
from ops.demo.fleet import LocalFleet
from worker.limits.permits import Ask, Permit
from worker.limits.rules import Budget, LimitsFile, ModelLimits
from worker.limits.shared import SharedLimiter

T = TypeVar("T")

CALLS = 500
WIDE = 1e12
_ASK = Ask("claude-haiku-5-5", Tier.SMALL, Lane.NORMAL, "bench", 300, 400, 1_000_000)


def measure_permit(pairs: int) -> dict[str, Any]:
    """Answer medians in microseconds and their ratio, of `pairs` times 500 calls of each kind."""
    with LocalFleet((), simulator_url="http://127.0.0.1:9") as fleet:
        samples = asyncio.run(_measure(fleet.redis_url, pairs))
    ratios = sorted(acquire / ping for ping, acquire in samples)
    return {
        "pairs": pairs,
        "calls": CALLS,
        "ping_us": round(statistics.median(ping for ping, _ in samples), 1),
        "acquire_us": round(statistics.median(acquire for _, acquire in samples), 1),
        "ratio": {
            "median": round(statistics.median(ratios), 3),
            "min": round(ratios[0], 3),
            "max": round(ratios[-1], 3),
        },
    }


class _AtOnce(AsyncLedger):
    """Asks one thing a round trip. The ledger gathers what is asked at the same time, and alone would wait for more."""

    async def run(self, transition: Transition[T]) -> T:
        if transition.script not in self._hashes:
            text = transition.text or scripts.source(transition.script)
            self._hashes[transition.script] = str(await self.redis.script_load(text))
        args = (str(arg) for arg in transition.args)
        return transition.read(await self.redis.evalsha(self._hashes[transition.script], 0, *args))


async def _measure(url: str, pairs: int) -> list[tuple[float, float]]:
    ledger = _AtOnce(url)
    wide = ModelLimits(requests_per_minute=WIDE, input_tokens_per_minute=WIDE, output_tokens_per_minute=WIDE)
    limiter = SharedLimiter(ledger, LimitsFile(default=wide), Budget())

    async def acquire() -> None:
        if not isinstance(await limiter.acquire(_ASK), Permit):
            raise FleetError("the limiter refused a permit although its limits are wide")

    async def ping() -> None:
        await ledger.redis.ping()

    try:
        await _pair(ping, acquire)  # connections, the script, Python's own caches
        return [await _pair(ping, acquire) for _ in range(pairs)]
    finally:
        await ledger.close()


async def _pair(first: Callable[[], Awaitable[None]], second: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Median microseconds of each, call by call in turn, so that a busy moment hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(CALLS):
        for work, taken in zip((first, second), times, strict=True):
            started = time.perf_counter()
            await work()
            taken.append((time.perf_counter() - started) * 1e6)
    return statistics.median(times[0]), statistics.median(times[1])
