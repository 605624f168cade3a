"""Logged in: who we are, which rooms are read, and the calls that reading needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from nio import MessageDirection  # type: ignore[import-untyped]

from fleet.errors import ConfigurationError
from producers.matrix.client import MatrixClient, ask, opened
from producers.matrix.failures import LoginRefusedError, RefusedError
from producers.matrix.settings import MatrixSettings

_log = structlog.get_logger("matrix")

BATCH = 100
"""So many events of a room come in one answer; after an outage the rest is fetched by pages of the same size."""

FIRST_SYNC_S = 300
"""The first answer names every room that we are in, which takes a homeserver a while."""

_KINDS = ["m.room.message", "m.room.encrypted", "m.room.redaction", "m.room.member"]
_NONE = {"not_types": ["*"]}


@dataclass(frozen=True)
class Session:
    """What can be asked of a homeserver; raises HomeserverError. `rooms` are those read, None for all."""

    client: MatrixClient
    me: str
    rooms: frozenset[str] | None
    filter_id: str
    poll_s: float

    async def sync(self, since: str | None) -> Any:
        """Wait for what is new; without a token, see only where things stand."""
        wait_s = self.poll_s if since else FIRST_SYNC_S
        return await ask(self.client.sync(int(wait_s * 1000), self.filter_id, since=since))

    async def earlier(self, room: str, start: str, end: str) -> Any:
        """Fetch a page of a room's events, the newest first, from one token back to another."""
        return await ask(
            self.client.room_messages(room, start, end, MessageDirection.back, BATCH, {"types": _KINDS}),
        )

    async def author_of(self, room: str, event_id: str) -> str:
        """Who wrote an event; an empty text where it cannot be seen."""
        try:
            answer = await ask(self.client.room_get_event(room, event_id))
        except RefusedError:
            return ""
        return str(answer.event.source.get("sender", ""))

    async def join(self, room: str) -> None:
        """Follow an invitation; one that cannot be followed is said, and left."""
        try:
            await ask(self.client.join(room))
        except RefusedError as error:
            _log.warning("room_not_joined", room=room, error=str(error))
        else:
            _log.info("room_joined", room=room)

    def reads(self, room: str) -> bool:
        """Whether messages of this room are read."""
        return self.rooms is None or room in self.rooms


@asynccontextmanager
async def logged_in(settings: MatrixSettings) -> AsyncIterator[Session]:
    """Log in, find the rooms; raises HomeserverError, and ConfigurationError for somebody else's token."""
    async with opened(settings) as client:
        await _identify(client, settings)
        rooms = frozenset([await _room_id(client, name) for name in settings.rooms]) or None
        made = await ask(
            client.upload_filter(presence=_NONE, account_data=_NONE, room=_room_filter(rooms)),
        )
        yield Session(client, settings.user_id, rooms, made.filter_id, settings.poll_s)


async def _identify(client: MatrixClient, settings: MatrixSettings) -> None:
    if settings.password is not None:
        try:
            me = (await ask(client.login(settings.password.get_secret_value(), "triage-fleet"))).user_id
        except RefusedError as error:
            raise LoginRefusedError(
                f"the homeserver refuses the login ({error.code}): "
                "check TRIAGE_MATRIX_USER_ID and TRIAGE_MATRIX_PASSWORD"
            ) from error
    else:
        assert settings.access_token is not None
        client.access_token = settings.access_token.get_secret_value()
        me = (await ask(client.whoami())).user_id
    if me != settings.user_id:
        raise ConfigurationError(
            f"TRIAGE_MATRIX_USER_ID is {settings.user_id}, but the login is that of {me}: "
            "our own messages would be taken for a customer's"
        )
    client.user_id = me


async def _room_id(client: MatrixClient, name: str) -> str:
    if name.startswith("!"):
        return name
    try:
        return str((await ask(client.room_resolve_alias(name))).room_id)
    except RefusedError as error:
        raise RefusedError(f"TRIAGE_MATRIX_ROOMS: {name} is not found ({error.code})", error.code) from error


def _room_filter(rooms: frozenset[str] | None) -> dict[str, Any]:
    chosen = {} if rooms is None else {"rooms": sorted(rooms)}
    return chosen | {
        "account_data": _NONE,
        "ephemeral": _NONE,
        "state": {"types": ["m.room.encryption"]},
        "timeline": {"types": _KINDS, "limit": BATCH},
    }
