"""Somebody else with the same key, as a process (`python -m ops.bench.quota.foreign`): a steady stream, or a flood.

The flood empties the simulator's bucket and ends, so that no run lives on the minute's worth that a fresh one holds.
"""

import argparse
import asyncio
import contextlib
import time
from pathlib import Path

import aiohttp

from ops.bench.quota.outcomes import Outcomes
from ops.bench.quota.window import REFUSED
from ops.demo.fleet import SIMULATED_KEY

AT_ONCE = 100
_HEADERS = {"x-api-key": SIMULATED_KEY, "anthropic-version": "2023-06-01"}
_BODY = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1,
    "messages": [{"role": "user", "content": "Where is my invoice?"}],
}


async def _call(http: aiohttp.ClientSession) -> str:
    async with http.post("/v1/messages", json=_BODY, headers=_HEADERS) as answer:
        await answer.read()
        return str(answer.status)


async def _flood(http: aiohttp.ClientSession) -> None:
    empty = asyncio.Event()

    async def until_empty() -> None:
        while not empty.is_set():
            # One refusal is enough: those who went on would be too few to be refused, and never end.
            if await _call(http) == REFUSED:
                empty.set()

    await asyncio.gather(*(until_empty() for _ in range(AT_ONCE)))


async def _stream(http: aiohttp.ClientSession, per_s: float, outcomes: Outcomes) -> None:
    async def one() -> None:
        outcomes.add(await _call(http))

    started = time.monotonic()
    async with asyncio.TaskGroup() as calls:
        number = 0
        while True:
            calls.create_task(one())
            number += 1
            await asyncio.sleep(max(0.0, started + number / per_s - time.monotonic()))


async def _main(url: str, per_s: float | None, file: Path | None) -> None:
    async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=AT_ONCE)) as http:
        if per_s is None or file is None:
            await _flood(http)
        else:
            with Outcomes(file) as outcomes:
                await _stream(http, per_s, outcomes)


def main() -> None:
    """Call until the bucket is empty, or for ever at a steady rate."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--per-s", type=float, help="without it: as fast as possible until all is refused")
    parser.add_argument("--outcomes", type=Path)
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(args.url, args.per_s, args.outcomes))


if __name__ == "__main__":
    main()
