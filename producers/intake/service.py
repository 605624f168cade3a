"""A producer as a process: checked server, one event loop, health port, and a drain on SIGTERM."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import redis
import structlog
from prometheus_client import REGISTRY, CollectorRegistry

from fleet.errors import LedgerUnavailableError
from fleet.hints import HintSender
from fleet.ledger import AsyncLedger
from fleet.ledger.server import ensure_fit
from fleet.reporting import report_errors
from fleet.settings import Settings
from producers.intake.door import Door
from producers.intake.health import HealthPort
from producers.intake.hinting import Hinting
from producers.intake.metrics import IntakeMetrics
from producers.intake.patience import pause

_log = structlog.get_logger("intake")

START_RETRY_S = 1.0


class Source(Protocol):
    """A way in. `name` is what `triage ingest` knows it by."""

    @property
    def name(self) -> str:
        """Name of the source, as a metric's label."""
        ...

    async def run(self, door: Door) -> None:
        """Hand in messages until `door.stop` is set and what was begun has ended; an error ends the process."""
        ...


async def serve(source: Source, settings: Settings) -> None:
    """Run a source until SIGTERM or SIGINT; what it has begun may end within TRIAGE_DRAIN_S.

    Raises ConfigurationError for a server that is not fit, and whatever ends the source.
    """
    report_errors(settings)
    async with opened(source.name, settings) as door:
        _on_signals(door.stop.set)
        await _until_fit(settings, door)
        health = HealthPort(door.status, door.metrics)
        port = await health.start(settings.metrics_port)
        _log.info("producer_started", producer=source.name, metrics_port=port)
        watch = asyncio.create_task(door.watch_pressure())
        try:
            await _until_drained(asyncio.create_task(source.run(door)), door.stop, settings.drain_s)
        finally:
            door.stop.set()
            await asyncio.gather(watch, return_exceptions=True)
            await health.close()
            _log.info("producer_stopped", producer=source.name)


@asynccontextmanager
async def opened(name: str, settings: Settings, registry: CollectorRegistry = REGISTRY) -> AsyncIterator[Door]:
    """Open the door of a source: connections to the ledger and the broker, which close with the block."""
    metrics = IntakeMetrics(name, registry)
    ledger = AsyncLedger(settings.ledger_url)
    sender = HintSender.for_settings(settings)
    hinting = Hinting(sender, metrics.hints_not_sent.inc)
    try:
        yield Door(ledger, hinting, settings, metrics)
    finally:
        await asyncio.to_thread(hinting.close)
        sender.close()
        await ledger.close()


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


async def _until_fit(settings: Settings, door: Door) -> None:
    """Wait for the ledger's server, as machines that start together come up in any order; an unfit one is refused."""

    def check() -> list[str]:
        with redis.Redis.from_url(settings.ledger_url, socket_timeout=10, socket_connect_timeout=3) as client:
            return ensure_fit(client, allow_unsafe=settings.allow_unsafe_redis)

    while not door.stop.is_set():
        try:
            for warning in await asyncio.to_thread(check):
                _log.warning("unsafe_server", message=warning)
            return
        except (LedgerUnavailableError, redis.RedisError) as error:
            _log.warning("waiting_for_the_ledger", error=str(error))
            await pause(door.stop, START_RETRY_S)


async def _until_drained(running: "asyncio.Task[None]", stop: asyncio.Event, drain_s: float) -> None:
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _log.info("draining", seconds=drain_s)
            await asyncio.wait({running}, timeout=drain_s)
        if running.done():
            running.result()
        else:
            _log.warning("drain_cut_off", message="what was not accepted stays with its source")
    finally:
        for task in (running, stopping):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
