"""The connection to a homeserver through matrix-nio: bounded in time, and without nio's own retries and logs."""

import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from nio import (  # type: ignore[import-untyped]
    AsyncClient,
    AsyncClientConfig,
    ErrorResponse,
    LoginResponse,
)

from producers.matrix.events.soundness import without_broken_events
from producers.matrix.failures import HomeserverError, explain, translate
from producers.matrix.settings import MatrixSettings

DEVICE = "TRIAGEFLEET"
"""One device for all logins with a password, so that they do not pile up; each login ends the one before."""

# nio logs what its checks refuse together with the whole of it, and that is what somebody wrote.
logging.getLogger("nio").setLevel(logging.CRITICAL + 1)


class MatrixClient(AsyncClient):  # type: ignore[misc]
    """nio's client without its picture of rooms and people, which would grow with them and which nobody asks for."""

    async def parse_body(self, transport_response: Any) -> dict[Any, Any]:
        """Leave out what nio's parser would stumble over, so that one broken event does not stop all that follow."""
        return without_broken_events(await super().parse_body(transport_response))

    async def receive_response(self, response: Any) -> None:
        """Take note of a login only."""
        if isinstance(response, LoginResponse):
            await super().receive_response(response)


@asynccontextmanager
async def opened(settings: MatrixSettings) -> AsyncIterator[MatrixClient]:
    """Open a client, not logged in yet; it closes with the block."""
    config = AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0, request_timeout=settings.timeout_s)
    client = MatrixClient(settings.server, settings.user_id, DEVICE, config=config)
    try:
        yield client
    finally:
        await client.close()


async def ask(call: Awaitable[Any]) -> Any:
    """Await an answer of nio's client; raises HomeserverError, which says what to do."""
    try:
        answer = await call
    # A homeserver that answers nonsense makes nio stumble over it in many ways.
    except Exception as error:
        raise HomeserverError(explain(error)) from error
    if isinstance(answer, ErrorResponse):
        raise translate(answer)
    return answer
