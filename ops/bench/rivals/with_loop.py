"""A worker that calls as fast as it may (`python -m ops.bench.rivals.with_loop`), held back by one of two rivals.

Without `--redis` only the SDK's own retries stand between it and the limit. With it, every call first takes a hit of
a fixed window of the `limits` library, shared by all processes, and waits for the next window when this one is full.
"""

import argparse
import asyncio
import importlib
import itertools
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anthropic
from anthropic import AsyncAnthropic, DefaultAioHttpClient
from httpx2 import Limits

from ops.bench.quota.outcomes import FAILED, OK, Outcomes
from ops.bench.rivals.calls import CLIENT, Requests

Wait = Callable[[], Awaitable[None]]


async def _no_wait() -> None:
    pass


def _fixed_window(redis_url: str, per_minute: int) -> Wait:
    # By name: the library is in no extra, and a fleet without it must still pass its type checks.
    library: Any = importlib.import_module("limits")
    storages: Any = importlib.import_module("limits.storage")
    strategies: Any = importlib.import_module("limits.strategies")
    limiter = strategies.FixedWindowRateLimiter(storages.RedisStorage(redis_url))
    item = library.RateLimitItemPerMinute(per_minute)

    async def wait() -> None:
        while not await asyncio.to_thread(limiter.hit, item, "bench"):
            stats = await asyncio.to_thread(limiter.get_window_stats, item, "bench")
            await asyncio.sleep(max(0.01, stats.reset_time - time.time()))

    return wait


async def _work(url: str, slots: int, wait: Wait, outcomes: Outcomes) -> None:
    requests, numbers, stopping = Requests(), itertools.count(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    transport = DefaultAioHttpClient(limits=Limits(max_connections=slots, max_keepalive_connections=slots))
    client = AsyncAnthropic(base_url=url, http_client=transport, **CLIENT)

    async def slot() -> None:
        while not stopping.is_set():
            await wait()
            if stopping.is_set():
                return
            try:
                await client.messages.create(**requests[next(numbers)])
            except anthropic.APIError:
                outcomes.add(FAILED)
            else:
                outcomes.add(OK)

    working = [asyncio.create_task(slot()) for _ in range(slots)]
    await stopping.wait()
    # Calls under way end by themselves; who waits for a window would wait for up to a minute.
    _, waiting = await asyncio.wait(working, timeout=10)
    for task in waiting:
        task.cancel()
    await client.close()


def main() -> None:
    """Call until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--outcomes", type=Path, required=True)
    parser.add_argument("--redis")
    parser.add_argument("--per-minute", type=int, default=0)
    args = parser.parse_args()
    make_wait = partial(_fixed_window, args.redis, args.per_minute) if args.redis else lambda: _no_wait
    with Outcomes(args.outcomes) as outcomes:
        asyncio.run(_work(args.url, args.slots, make_wait(), outcomes))


if __name__ == "__main__":
    main()
