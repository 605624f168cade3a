"""Starts and stops the simulator."""

import asyncio
import logging
import signal
import sys
from asyncio import AbstractEventLoop, Task
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from ops.simulator.answer.author import Author
from ops.simulator.brain.tiers import trained
from ops.simulator.calls import Calls
from ops.simulator.config import SimulatorConfig
from ops.simulator.handlers import Handlers
from ops.simulator.metering.meter import Meter
from ops.simulator.metering.prices import load_prices

LARGEST_BODY = 32 * 1024 * 1024
SHUTDOWN_S = 1.0
BACKLOG = 4096  # a fleet opens its connections all at once


class RunningSimulator:
    """A simulator that is listening."""

    def __init__(self, runner: web.ServerRunner, host: str) -> None:
        self._runner = runner
        self._host = f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        """The base URL for the SDK, with the port that was taken."""
        return f"http://{self._host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening and drop the calls in flight."""
        await self._runner.cleanup()


async def start(config: SimulatorConfig) -> RunningSimulator:
    """Train the brains and listen; OSError if the port is taken, ValueError for unreadable training data."""
    brains = trained(config.train)
    meter = Meter(config.limits, load_prices(config.prices), config.faults, latency=config.latency, seed=config.seed)
    handlers = Handlers(Calls(Author(brains), meter), meter, config.api_keys, bill_dropped=config.bill_dropped)
    # Without cancellation a client that leaves would be answered all the same; whether it is billed, the config says.
    server = web.Server(handlers, handler_cancellation=True, request_factory=_request)
    runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    await web.TCPSite(runner, config.host, config.port, backlog=BACKLOG).start()
    return RunningSimulator(runner, config.host)


def run(config: SimulatorConfig) -> None:
    """Serve until SIGTERM or SIGINT; the first line on standard output is the URL."""
    if config.log:
        logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    asyncio.run(_serve(config))


async def _serve(config: SimulatorConfig) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    simulator = await start(config)
    print(simulator.url, flush=True)
    await stopped.wait()
    await simulator.stop()


def _request(
    message: RawRequestMessage, payload: StreamReader, protocol: Any, writer: AbstractStreamWriter, task: "Task[None]"
) -> web.BaseRequest:
    loop: AbstractEventLoop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY)
