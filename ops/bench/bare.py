"""The yardstick: the same model calls in one bare asyncio loop, with no queue, no ledger, no limits and no metrics.

Run as a process of its own (`python -m ops.bench.bare`), so that its CPU time is its own; prints one JSON object.
"""

import argparse
import asyncio
import json
import resource
import sys
import time

from anthropic import AsyncAnthropic, DefaultAioHttpClient
from httpx2 import Limits

from fleet.taxonomy import load_taxonomy
from fleet.ticket import make_ticket
from worker.llm.block import ticket_block
from worker.llm.prompt import build_prompt

WARM_UP = 50
TICKET_TOKENS = 4_000
"""What the fleet gives the small model of a ticket, unless it is set otherwise."""


async def _calls(url: str, texts: list[str], count: int, in_flight: int) -> dict[str, float]:
    prompt = build_prompt(load_taxonomy())
    client = AsyncAnthropic(
        api_key="sk-bench",
        base_url=url,
        max_retries=0,
        http_client=DefaultAioHttpClient(limits=Limits(max_connections=in_flight, max_keepalive_connections=in_flight)),
    )
    slots = asyncio.Semaphore(in_flight)

    async def one(number: int) -> None:
        ticket = make_ticket(source="file", body=texts[number % len(texts)])
        async with slots:
            raw = await client.messages.with_raw_response.create(
                model="claude-haiku-5-5",
                max_tokens=400,
                system=prompt.system,
                messages=[{"role": "user", "content": ticket_block(ticket, TICKET_TOKENS).text}],
                output_config=prompt.output_config,
            )
            await raw.parse()

    await asyncio.gather(*(one(number) for number in range(WARM_UP)))
    cpu, wall = time.process_time(), time.monotonic()
    await asyncio.gather(*(one(number) for number in range(count)))
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    await client.close()
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"cpu_ms": cpu / count * 1000, "per_s": count / wall, "memory_mb": kilobytes / 1024}


def main() -> None:
    """Read the tickets' texts from standard input, one JSON string a line, and call."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    args = parser.parse_args()
    texts = [json.loads(line) for line in sys.stdin]
    print(json.dumps(asyncio.run(_calls(args.url, texts, args.count, args.in_flight))))


if __name__ == "__main__":
    main()
