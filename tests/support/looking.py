"""A Looker on a bench: the real ledger and leases, a model that the test chooses, hints that are only remembered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client import CollectorRegistry

from fleet.errors import LedgerUnavailableError
from fleet.hints import Hint
from fleet.ledger import AsyncLedger
from fleet.ledger.transitions import Transition
from fleet.settings import Settings
from fleet.taxonomy import load_taxonomy
from tests.support.bench import SMALL
from tests.support.senders import Recorder
from worker.guardrails.policy import pages
from worker.leases import Leases
from worker.limits.gate import Gate
from worker.limits.retry import RetryPolicy
from worker.look import Looker
from worker.metrics import Metrics
from worker.outgoing import Outgoing
from worker.pipeline import Model, Pipeline
from worker.sinks.base import Sink
from worker.sinks.http import Outbound
from worker.sinks.registry import build_sinks

T = TypeVar("T")


class ShakyLedger(AsyncLedger):
    """A ledger whose server is away for the next calls of the scripts that `away` counts."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.away: dict[str, int] = {}

    async def run(self, transition: Transition[T]) -> T:
        """Run one transition, or fail as if the server were gone."""
        if self.away.get(transition.script, 0) > 0:
            self.away[transition.script] -= 1
            raise LedgerUnavailableError("the server is away")
        return await super().run(transition)


@dataclass
class Looking:
    """One worker process's inner parts, without Celery."""

    looker: Looker
    ledger: ShakyLedger
    leases: Leases
    metrics: Metrics
    sender: Recorder
    outgoing: Outgoing
    running: list["asyncio.Task[None]"] = field(default_factory=list)

    async def look(self, *ticket_ids: str, queue: str = SMALL, at_ms: int = 0) -> None:
        """Look at tickets as a hint asks for it."""
        await self.looker.look(Hint(ticket_ids, queue, at_ms))

    def begin(self, ticket_id: str, *, queue: str = SMALL) -> "asyncio.Task[None]":
        """Begin to look, without waiting for the end."""
        task = asyncio.create_task(self.look(ticket_id, queue=queue))
        self.running.append(task)
        return task

    def count(self, name: str, **labels: str) -> float:
        """Read a counter; 0 where it was never counted."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def looking(
    redis_url: str,
    model: Model,
    settings: Settings,
    *,
    sinks: dict[str, Sink] | None = None,
    gate: Gate | None = None,
) -> AsyncIterator[Looking]:
    """Put one together for the block."""
    taxonomy, metrics, sender, outbound = load_taxonomy(), Metrics(CollectorRegistry()), Recorder(), Outbound()
    ledger = ShakyLedger(redis_url)
    leases, outgoing = Leases(ledger, settings.lease_s), Outgoing(sender)
    pipeline = Pipeline(taxonomy, model, RetryPolicy(settings.max_attempts, lambda: 0.0), gate, on_call=metrics.call)
    chosen = build_sinks(settings, outbound, lambda verdict: pages(verdict, taxonomy)) if sinks is None else sinks
    now = asyncio.get_running_loop().time
    looker = Looker(settings, "w1", ledger, leases, pipeline, chosen, outgoing, metrics, now)
    found = Looking(looker, ledger, leases, metrics, sender, outgoing)
    try:
        yield found
    finally:
        for task in found.running:
            task.cancel()
        await asyncio.gather(*found.running, return_exceptions=True)
        outgoing.close()
        await outbound.close()
        await ledger.close()
