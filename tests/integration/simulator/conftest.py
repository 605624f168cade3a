import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from anthropic import AsyncAnthropic, DefaultAioHttpClient
from anthropic.types import Message

from ops.simulator.config import SimulatorConfig
from ops.simulator.faults.plan import Fault
from ops.simulator.server import start

TICKET = {"subject": "Charged twice", "body": "I was charged twice and need this fixed today!", "channel": "mail"}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["category", "urgency", "needs_human", "confidence", "reason", "language"],
    "properties": {
        "category": {"type": "string", "enum": ["billing", "technical", "other"]},
        "urgency": {"type": "string", "enum": ["low", "high"]},
        "needs_human": {"type": "boolean"},
        "confidence": {"type": "number"},
        "reason": {"type": "string"},
        "language": {"type": "string"},
    },
}


@dataclass
class Bench:
    """A running simulator with the real SDK in front of it."""

    url: str
    sdk: AsyncAnthropic
    http: aiohttp.ClientSession

    async def triage(self, model: str = "claude-haiku-5-5", **changes: Any) -> Message:
        """Make the call that the fleet makes."""
        content = "<ticket>" + json.dumps(TICKET) + "</ticket>"
        body: dict[str, Any] = {
            "max_tokens": 300,
            "messages": [{"role": "user", "content": content}],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        }
        message: Message = await self.sdk.messages.create(model=model, **{**body, **changes})
        return message

    async def stats(self) -> dict[str, Any]:
        """Return the simulator's own count."""
        async with self.http.get(f"{self.url}/_simulator/stats") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def settled(self, in_flight: int) -> dict[str, Any]:
        """Wait until so many calls are in flight and return the count."""
        async with asyncio.timeout(5):
            while True:
                stats = await self.stats()
                if stats["in_flight"] == in_flight:
                    return stats
                await asyncio.sleep(0.01)

    async def plan(self, *faults: dict[str, Any]) -> int:
        """Set the fault plan while running and return the status."""
        async with self.http.put(f"{self.url}/_simulator/faults", json={"faults": faults}) as answer:
            return answer.status


Benches = Callable[..., AbstractAsyncContextManager[Bench]]


@asynccontextmanager
async def _bench(*faults: Fault, **config: Any) -> AsyncIterator[Bench]:
    simulator = await start(SimulatorConfig(port=0, latency=0.0, faults=faults, **config))
    client = DefaultAioHttpClient()
    try:
        async with (
            AsyncAnthropic(api_key="sk-test", base_url=simulator.url, max_retries=0, http_client=client) as sdk,
            aiohttp.ClientSession(headers={"x-api-key": "sk-test", "anthropic-version": "2023-06-01"}) as http,
        ):
            yield Bench(simulator.url, sdk, http)
    finally:
        await simulator.stop()


@pytest.fixture
def benches() -> Benches:
    return _bench
