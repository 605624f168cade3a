"""`triage ingest redis`: lists and streams of raw JSON, read side by side until told to stop."""

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

import redis.asyncio
from redis.exceptions import RedisError, ResponseError

from fleet.settings import Settings, load_group
from producers.intake.door import Door
from producers.intake.patience import Backoff, pause
from producers.raw.lists import ListReader
from producers.raw.settings import PREFIX, RawSettings
from producers.raw.streams import StreamReader

SOCKET_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 3


class Reader(Protocol):
    """What reads one list or stream."""

    async def read(self, door: Door, started: Callable[[], None]) -> None:
        """Hand items in until told to stop; calls `started` when it can; raises RedisError when the server fails."""
        ...


class RawSource:
    """Reads the lists and streams that the settings name, on the ledger's server or another one."""

    name = "redis"

    def __init__(self, settings: RawSettings, url: str) -> None:
        self._settings = settings
        self._url = url
        self._failing: set[Reader] = set()

    async def run(self, door: Door) -> None:
        """Hand in items until told to stop; a server that fails is asked again."""
        client = redis.asyncio.Redis.from_url(
            self._url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=CONNECT_TIMEOUT_S, socket_keepalive=True
        )
        readers = self._readers(client)
        self._failing = set(readers)
        try:
            await asyncio.gather(*(self._keep_reading(reader, door) for reader in readers))
        finally:
            await client.aclose()

    def _readers(self, client: "redis.asyncio.Redis") -> list[Reader]:
        own = self._settings
        lists = [ListReader(client, name, batch=own.batch, takeover_s=own.takeover_s) for name in own.lists]
        streams = [
            StreamReader(
                client, name, group=own.group, batch=own.batch, takeover_s=own.takeover_s, delete=own.delete_entries
            )
            for name in own.streams
        ]
        return [*lists, *streams]

    async def _keep_reading(self, reader: Reader, door: Door) -> None:
        backoff, tries = Backoff(), 0
        while not door.stop.is_set():
            try:
                await reader.read(door, lambda: self._started(reader, door))
            except (RedisError, OSError) as error:
                tries = tries + 1 if reader in self._failing else 0
                self._failing.add(reader)
                door.status.down(_explain(error))
                await pause(door.stop, backoff.delay_s(tries, random.random()))  # noqa: S311 - a pause, no secret

    def _started(self, reader: Reader, door: Door) -> None:
        self._failing.discard(reader)
        if not self._failing:
            door.status.up("reading")


def _explain(error: Exception) -> str:
    if isinstance(error, ResponseError) and "WRONGTYPE" in str(error):
        return f"a key has another type than TRIAGE_RAW_LISTS or TRIAGE_RAW_STREAMS says: {error}"
    return f"the server of the raw items failed: {type(error).__name__}: {error}"


def make_source(settings: Settings) -> RawSource:
    """Make the source out of the environment."""
    own = load_group(RawSettings, PREFIX)
    return RawSource(own, own.url.get_secret_value() if own.url else settings.ledger_url)
