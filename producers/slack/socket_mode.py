"""Socket Mode: the SDK holds the connection; an envelope is acknowledged when what it says is kept."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.intake.patience import pause, until_accepted
from producers.slack.events import read_event
from producers.slack.handing_in import hand_in
from producers.slack.hearing import Hearing

_log = structlog.get_logger("slack")

PING_S = 5.0
LOOK_EVERY_S = 0.5
START_S = 5.0
"""What a first connection may take before it is said that there is none."""
STALL_S = 120.0

GIVE_UP_S = 30.0
"""The SDK connects again by itself, but to the address that it was given last, which is good once: where that one
fails it would try for ever. After so long without a connection a new client asks for a new address."""


async def listen(
    door: Door,
    bursts: Bursts,
    *,
    app_token: str,
    api_url: str,
    hearing: Hearing,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Take envelopes in until told to stop; a connection that is lost is made again, for as long as it takes."""
    door.status.expect_beats(STALL_S)
    taking = _Taking(door, bursts, hearing)
    try:
        while not door.stop.is_set():
            async with _client(app_token, api_url) as client:
                client.socket_mode_request_listeners.append(taking.begin)
                await _until_lost(client, door, clock)
                if door.stop.is_set():
                    await taking.end()  # while there is a connection to acknowledge them on
    finally:
        await taking.end()


class _Taking:
    """Envelopes under way."""

    def __init__(self, door: Door, bursts: Bursts, hearing: Hearing) -> None:
        self._door = door
        self._bursts = bursts
        self._hearing = hearing
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Take one in, beside the others: the SDK must not wait."""
        task = asyncio.ensure_future(self._take(client, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Wait for all of them; once the door stops, none waits for a ledger that is away."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type == "events_api":
            fact = read_event(request.payload, self._hearing)
            if not await until_accepted(lambda: _kept(hand_in(fact, self._bursts, self._door)), self._door.stop):
                return  # not acknowledged: Slack sends it again
        else:
            self._door.metrics.message(Became.IGNORED)
        try:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        except Exception as error:  # noqa: BLE001 - the connection is gone; Slack sends again what is known by then
            _log.info("not_acknowledged", error=type(error).__name__)


async def _kept(work: Any) -> bool:
    await work
    return True


async def _until_lost(client: SocketModeClient, door: Door, clock: Callable[[], float]) -> None:
    """Have the SDK connect, and tell how it fares, until told to stop or the SDK cannot do it."""
    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
    began = connected_at = clock()
    try:
        while not door.stop.is_set() and clock() - connected_at < GIVE_UP_S:
            if await client.is_connected():
                connected_at = clock()
                door.status.up("connected to Slack")
            elif connected_at > began or clock() - began > START_S:
                door.status.down("no connection to Slack; trying again (is TRIAGE_SLACK_APP_TOKEN right?)")
            door.status.beat()
            await pause(door.stop, LOOK_EVERY_S)
    finally:
        connecting.cancel()


@asynccontextmanager
async def _client(app_token: str, api_url: str) -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient(app_token, web_client=AsyncWebClient(base_url=api_url, timeout=10), ping_interval=PING_S)
    try:
        yield client
    finally:
        with suppress(Exception):
            await client.close()  # type: ignore[no-untyped-call]
