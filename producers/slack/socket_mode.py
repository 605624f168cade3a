"""Socket Mode: the SDK holds the connection; an envelope is acknowledged when what it says is kept."""

import asyncio
from collections.abc import AsyncIterator
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

_log = structlog.get_logger("slack")

PING_S = 5.0
LOOK_EVERY_S = 0.5
STALL_S = 120.0


async def listen(door: Door, bursts: Bursts, *, app_token: str, api_url: str, channels: frozenset[str]) -> None:
    """Take envelopes in until told to stop; the SDK connects again by itself, for as long as it takes."""
    door.status.expect_beats(STALL_S)
    async with _client(app_token, api_url) as client:
        taking: set[asyncio.Task[None]] = set()

        async def take(_client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            task = asyncio.ensure_future(_take(client, request, door, bursts, channels))
            taking.add(task)
            task.add_done_callback(taking.discard)

        client.socket_mode_request_listeners.append(take)
        connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]
        try:
            while not door.stop.is_set():
                await _tell_status(client, door)
                await pause(door.stop, LOOK_EVERY_S)
        finally:
            connecting.cancel()
            await asyncio.gather(*taking, return_exceptions=True)


async def _take(
    client: SocketModeClient, request: SocketModeRequest, door: Door, bursts: Bursts, channels: frozenset[str]
) -> None:
    if request.type == "events_api":
        fact = read_event(request.payload, channels)
        if not await until_accepted(lambda: _kept(hand_in(fact, bursts, door)), door.stop):
            return  # not acknowledged: Slack sends it again
    else:
        door.metrics.message(Became.IGNORED)
    try:
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
    except Exception as error:  # noqa: BLE001 - the connection is gone; Slack sends again what is known by then
        _log.info("not_acknowledged", error=type(error).__name__)


async def _kept(work: Any) -> bool:
    await work
    return True


async def _tell_status(client: SocketModeClient, door: Door) -> None:
    if await client.is_connected():
        door.status.up("connected to Slack")
        door.status.beat()
    else:
        door.status.down("no connection to Slack; the SDK tries again (is TRIAGE_SLACK_APP_TOKEN right?)")


@asynccontextmanager
async def _client(app_token: str, api_url: str) -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient(app_token, web_client=AsyncWebClient(base_url=api_url, timeout=10), ping_interval=PING_S)
    try:
        yield client
    finally:
        with suppress(Exception):
            await client.close()  # type: ignore[no-untyped-call]
