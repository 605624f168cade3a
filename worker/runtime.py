"""What one worker process is made of, put together once: settings, ledger, pipeline, sinks and the background work."""

import asyncio
import gc
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from fleet.hints import HintSender
from fleet.ledger import AsyncLedger, Ledger, heartbeats
from fleet.ledger.server import ensure_fit
from fleet.money import nano_dollars
from fleet.settings import Settings
from fleet.taxonomy import load_taxonomy
from worker.books import EVERY_S, Bookkeeper
from worker.delivery import Deliverer
from worker.experience import EVERY_S as EXPERIENCE_EVERY_S
from worker.experience import SharedExperience
from worker.guardrails.policy import pages
from worker.leases import Leases
from worker.limits.gate import Gate
from worker.limits.lost_calls import EVERY_S as LOST_CALLS_EVERY_S
from worker.limits.lost_calls import LostCalls
from worker.limits.retry import RetryPolicy
from worker.limits.revival import EVERY_S as REVIVAL_EVERY_S
from worker.limits.revival import Revival
from worker.limits.rules import budget_of, load_limits
from worker.limits.shared import LIFE_BEYOND_DEADLINE_S, SharedLimiter
from worker.llm.client import ModelClient
from worker.llm.prices import load_price_table
from worker.llm.prompt import build_prompt
from worker.look import Looker
from worker.loop import BackgroundLoop
from worker.metrics import Metrics, serve
from worker.outgoing import Outgoing
from worker.pipeline import Pipeline
from worker.reaper import Reaper
from worker.sinks.http import Outbound
from worker.sinks.registry import build_sinks

_log = structlog.get_logger("worker")

DRAIN_MARGIN_S = 5.0
"""Kept back from the drain time for giving tickets back before the supervisor kills the process."""

STUCK_TICKS = 12
WATCH_EVERY_S = 5.0

GC_THRESHOLDS = (10_000, 20, 20)

SWITCH_INTERVAL_S = 0.0005
"""How long one thread may keep the interpreter while another wants it. Celery's thread asks the broker several short
questions per hint; at Python's 5 ms each answer waits for the busy event loop, and half the throughput is gone."""

EXIT_STUCK = 70


class Runtime:
    """Everything of one process. Made in the process that uses it, for it starts a thread and opens connections."""

    def __init__(self, settings: Settings, sender: HintSender) -> None:
        self.settings = settings
        self.worker = f"{socket.gethostname()}-{os.getpid()}"
        self.queues: tuple[str, ...] = ()
        self.is_draining = False
        self._beats = 0
        taxonomy = load_taxonomy(settings.taxonomy)
        prices = load_price_table(settings.prices)
        self.metrics = Metrics()
        self._background: list[asyncio.Task[None]] = []
        self.loop = BackgroundLoop()
        self._outbound = Outbound()
        sinks = build_sinks(settings, self._outbound, lambda verdict: pages(verdict, taxonomy))
        self.ledger = AsyncLedger(settings.ledger_url)
        self.leases = Leases(self.ledger, settings.lease_s)
        self.outgoing = Outgoing(sender)
        self._model = ModelClient(settings, build_prompt(taxonomy), prices)
        retries = RetryPolicy(settings.max_attempts, random.random)
        limits = SharedLimiter(
            self.ledger,
            load_limits(settings.limits),
            budget_of(settings),
            call_life_s=settings.call_timeout_s + LIFE_BEYOND_DEADLINE_S,
        )
        self._gate = Gate(limits, random.random, self.metrics.waited)
        pipeline = Pipeline(
            taxonomy,
            self._model,
            retries,
            self._gate,
            nano_dollars(settings.ticket_budget_usd),
            self.metrics.call,
        )
        self.looker = Looker(
            settings,
            self.worker,
            self.ledger,
            self.leases,
            pipeline,
            sinks,
            self.outgoing,
            self.metrics,
            time.monotonic,
        )
        self.deliverer = Deliverer(self.ledger, sinks, self.metrics, random.random)
        models = tuple(dict.fromkeys((settings.small_model, settings.frontier_model)))
        self._revival = Revival(self.ledger, models, int(settings.max_age_h * 3_600_000), self.outgoing.hint)
        self._experience = SharedExperience(self.ledger, self._model.estimates)
        self._lost_calls = LostCalls(self.ledger, self.metrics.call_lost)
        self._reaper = Reaper(settings, self.ledger, self.outgoing, self.metrics, sender.empty_queues)
        self._books = Bookkeeper(settings.ledger_url)
        self.metrics_port: int | None = None

    def start(self, queues: Sequence[str] = ()) -> None:
        """Begin the background work: leases, reaper, heartbeat, metrics, watchdog."""
        self.queues = tuple(queues)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        # What is loaded now stays loaded: the collector need not walk a hundred thousand objects for every few hundred.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        self.metrics_port = serve(self.metrics, self.settings.metrics_port)
        self.loop.run(self._start())
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        _log.info("worker_started", worker=self.worker, queues=list(self.queues), metrics_port=self.metrics_port)

    async def _start(self) -> None:
        every = (
            (self.leases.extend_all, self.leases.pause_s),
            (self._reaper.reap, self.settings.reap_every_s),
            (self._beat, heartbeats.LIFE_S / 6),
            (self._books.check, EVERY_S),
            (self._revival.look, REVIVAL_EVERY_S),
            (self._lost_calls.look, LOST_CALLS_EVERY_S),
            (self._experience.exchange, EXPERIENCE_EVERY_S),
        )
        self._background = [asyncio.create_task(_again(work, pause_s)) for work, pause_s in every]

    async def _beat(self) -> None:
        self._beats += 1
        state = {
            "worker": self.worker,
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "queues": self.queues,
            "running": len(self.leases),
            "draining": self.is_draining,
            "metrics_port": self.metrics_port,
            "at_ms": int(time.time() * 1000),
        }
        await heartbeats.beat(self.ledger.redis, self.worker, state)

    def _watch(self) -> None:
        # Counted in own ticks, not in time: a process that was frozen and thawed has not been stuck.
        seen, misses = -1, 0
        while True:
            time.sleep(WATCH_EVERY_S)
            misses = misses + 1 if self._beats == seen else 0
            seen = self._beats
            if misses >= STUCK_TICKS and not self.is_draining:
                print("triage worker: the event loop is stuck; exiting so that it is restarted", file=sys.stderr)  # noqa: T201
                os._exit(EXIT_STUCK)

    def drain(self) -> None:
        """Stop claiming now; what still runs near the end of the drain time is given back. Safe in a signal handler."""
        self.is_draining = True
        wait_s = max(0.0, self.settings.drain_s - DRAIN_MARGIN_S)
        self.loop.loop.call_soon_threadsafe(lambda: self.loop.loop.call_later(wait_s, self._recall))

    def _recall(self) -> None:
        recalled = self.leases.recall_all()
        if recalled:
            _log.info("drained_by_recall", tickets=recalled)

    def stop(self) -> None:
        """Send the last hints and close the connections."""
        self.loop.run(self._stop())
        self.outgoing.close()
        self.loop.stop()

    async def _stop(self) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await heartbeats.leave(self.ledger.redis, self.worker)
        await self._gate.all_settled()
        await self._model.close()
        await self._outbound.close()
        await self.ledger.close()
        self._books.close()


async def _again(work: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Do it for ever. A failure is logged and tried again: this is what keeps tickets from being lost."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - see above
            _log.warning("background_failed", work=work.__qualname__, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(pause_s)


def check_server(settings: Settings) -> None:
    """Refuse to start on a server that can lose tickets."""
    ledger = Ledger(settings.ledger_url)
    try:
        for warning in ensure_fit(ledger.redis, allow_unsafe=settings.allow_unsafe_redis):
            _log.warning("unsafe_redis", message=warning)
    finally:
        ledger.close()
