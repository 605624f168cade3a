"""Several workers in one process: real Lookers, ledger, gate and model client; the broker is a list."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import redis

from fleet.lanes import Lane
from fleet.ledger import Ledger
from fleet.ledger.transitions import accept, reap
from fleet.settings import Settings
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Source, Ticket
from tests.support.bench import SMALL
from tests.support.load import EASY
from tests.support.looking import Looking, looking
from worker.limits import retry, rules
from worker.limits.gate import Gate
from worker.limits.retry import RetryPolicy
from worker.limits.revival import Revival
from worker.limits.rules import Budget, LimitsFile
from worker.limits.shared import SharedLimiter
from worker.llm.client import ModelClient
from worker.llm.prices import load_price_table
from worker.llm.prompt import build_prompt

REAP_S = 0.1


@dataclass
class Crew:
    """Workers with a number of slots each; hints go round by hand."""

    workers: list[Looking]
    slots: int
    models: tuple[str, ...] = ()
    hints: "asyncio.Queue[tuple[str, str, int]]" = field(default_factory=asyncio.Queue)

    async def work(self, ids: Sequence[str], is_done: Callable[[], bool], *, deadline_s: float) -> None:
        """Work on these tickets until it is done; a TimeoutError where that takes too long."""
        for ticket_id in ids:
            self.hints.put_nowait((ticket_id, SMALL, 0))
        tasks = [asyncio.create_task(self._slot(worker)) for worker in self.workers for _ in range(self.slots)]
        tasks.append(asyncio.create_task(self._pass_on()))
        try:
            async with asyncio.timeout(deadline_s):
                while not is_done():
                    for task in tasks:
                        if task.done():
                            task.result()
                    await asyncio.sleep(0.05)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for worker in self.workers:
                gate = worker.looker.pipeline.gate
                assert gate is not None
                await gate.all_settled()

    async def _slot(self, worker: Looking) -> None:
        while True:
            ticket_id, queue, at_ms = await self.hints.get()
            await worker.look(ticket_id, queue=queue, at_ms=at_ms)

    async def _pass_on(self) -> None:
        while True:
            found = await self.workers[0].ledger.run(reap(slack_ms=60_000, max_crashes=3))
            for ticket_id, queue in found.dispatch:
                self.hints.put_nowait((ticket_id, queue, found.at_ms))
            for worker in self.workers:
                while worker.sender.looks:
                    hint = worker.sender.looks.pop(0)
                    for ticket_id in hint.ids:
                        self.hints.put_nowait((ticket_id, hint.queue, hint.at_ms))
            await worker.leases.extend_all()
            await self.revival().look()
            await asyncio.sleep(REAP_S)

    def revival(self) -> Revival:
        """Make what brings tickets back that were parked in doubt."""
        return Revival(self.workers[0].ledger, self.models, 86_400_000, lambda *hint: self.hints.put_nowait(hint))

    def count(self, name: str, **labels: str) -> float:
        """Sum a counter over the workers."""
        return sum(worker.count(name, **labels) for worker in self.workers)


@asynccontextmanager
async def crew(
    redis_url: str,
    settings: Settings,
    *,
    workers: int = 2,
    slots: int = 8,
    limits: LimitsFile | None = None,
    budget: Budget | None = None,
) -> AsyncIterator[Crew]:
    """Put workers together for the block, each with a gate of its own on the fleet's limits."""
    async with AsyncExitStack() as stack:
        found = Crew([], slots, (settings.small_model, settings.frontier_model))
        for _ in range(workers):
            model = ModelClient(settings, build_prompt(load_taxonomy()), load_price_table())
            stack.push_async_callback(model.close)
            worker = await stack.enter_async_context(looking(redis_url, model, settings, sinks={}))
            limiter = SharedLimiter(worker.ledger, limits or LimitsFile(), budget or Budget())
            chance = random.Random(len(found.workers))
            pipeline = replace(
                worker.looker.pipeline,
                gate=Gate(limiter, chance.random),
                retries=RetryPolicy(settings.max_attempts, chance.random),
            )
            worker.looker = replace(worker.looker, pipeline=pipeline)
            found.workers.append(worker)
        yield found


def submit(ledger: Ledger, count: int, texts: Sequence[str] = EASY, lane: Lane = Lane.NORMAL) -> list[str]:
    """Put tickets into the ledger; answers their ids."""
    ids = [f"t{n}" for n in range(count)]
    wishes: list[Any] = [
        accept(
            Ticket(id=ticket_id, source=Source.HTTP, body=texts[n % len(texts)].format(n=n)),
            key=ticket_id,
            lane=lane,
        )
        for n, ticket_id in enumerate(ids)
    ]
    for start in range(0, count, 100):
        ledger.run_many(wishes[start : start + 100])
    return ids


def attempts(client: redis.Redis, ids: Sequence[str]) -> set[int]:
    """What the tickets' counters of attempts say."""
    pipe: Any = client.pipeline(transaction=False)
    for ticket_id in ids:
        pipe.hget(f"tf:t:{ticket_id}", "attempts")
    return {int(value) for value in pipe.execute()}


def compress_time(patch: pytest.MonkeyPatch, factor: float) -> None:
    """Let the breaker, the holds and the back-off run so many times faster. Ours run in the server's real time."""
    holds = ("FIRST_HOLD_MS", "HOLD_MS", "FIRST_PAID_HOLD_MS", "PAID_HOLD_MS")
    for name in (*holds, "WINDOW_MS", "FIRST_OPEN_MS", "LONGEST_OPEN_MS"):
        patch.setattr(rules, name, int(getattr(rules, name) / factor))
    for name in ("HELD_WAIT_S", "REFUSED_WAIT_S", "FIRST_WAIT_S"):
        patch.setattr(retry, name, getattr(retry, name) / factor)
