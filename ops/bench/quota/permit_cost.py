"""What one permit costs: the acquire script of the worker's limiter beside a PING of the same client, in turn."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fleet.errors import FleetError
from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger
from ops.demo.fleet import LocalFleet
from worker.limits.permits import Ask, Permit
from worker.limits.rules import Budget, LimitsFile, ModelLimits
from worker.limits.shared import acquire

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


async def _measure(url: str, pairs: int) -> list[tuple[float, float]]:
    ledger = AsyncLedger(url)
    wide = ModelLimits(requests_per_minute=WIDE, input_tokens_per_minute=WIDE, output_tokens_per_minute=WIDE)
    limits, budget = LimitsFile(default=wide), Budget()
    script = await ledger.redis.script_load(acquire(_ASK, limits, budget).text or "")

    # The ledger gathers what is asked at the same time and waits a moment for it: alone, that wait would be measured.
    async def ask() -> None:
        wish = acquire(_ASK, limits, budget)
        answer = await ledger.redis.evalsha(script, 0, *(str(arg) for arg in wish.args))
        if not isinstance(wish.read(answer), Permit):
            raise FleetError("the limiter refused a permit although its limits are wide")

    async def ping() -> None:
        await ledger.redis.ping()

    try:
        await _pair(ping, ask)  # connections, the script, Python's own caches
        return [await _pair(ping, ask) for _ in range(pairs)]
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
