"""Lists that others LPUSH to. An item is moved to a list of this process's own, and goes when the ledger holds it."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any, cast

import redis.asyncio
import structlog

from producers.intake.door import Door
from producers.raw.handing_in import hand_in
from producers.raw.item import Item

_log = structlog.get_logger("redis")

WAIT_S = 1.0
FORGET_S = 7 * 86_400
BEATS = 3
"""Heartbeats within the time after which a silent process counts as dead."""


class ListReader:
    """Reads one list, oldest first. What a dead reader had begun is put back for the next one."""

    def __init__(
        self, client: "redis.asyncio.Redis", name: str, *, batch: int, takeover_s: float, reader: str | None = None
    ) -> None:
        self._redis = cast("Any", client)  # its commands are typed for both kinds of client at once
        self._name = name
        self._batch = batch
        self._takeover_s = takeover_s
        self._reader = reader or secrets.token_hex(6)
        self._readers = f"{name}:readers"
        self._work = self._work_of(self._reader)

    async def read(self, door: Door, started: Callable[[], None]) -> None:
        """Hand items in until told to stop; raises RedisError when the server fails (call it again then)."""
        await self._beat()  # before anything is taken: who takes over from the dead has to know this reader
        started()
        beating = asyncio.create_task(self._keep_beating())
        try:
            while not door.stop.is_set():
                if beating.done():
                    beating.result()  # raises what ended it
                items = await self._take()
                if items and await hand_in(door, items):
                    # Nobody else adds to it, so this is the batch and nothing but it.
                    await self._redis.delete(self._work)
                door.status.beat()
        finally:
            beating.cancel()
        await self._leave()

    async def _take(self) -> list[Item]:
        """Answer what lies in this process's own list, after filling it; what an error left there comes first."""
        lying: list[bytes] = await self._redis.lrange(self._work, 0, -1)
        if not lying:
            first = await self._redis.blmove(self._name, self._work, WAIT_S, "RIGHT", "LEFT")
            if first is None:
                return []
            pipe = self._redis.pipeline(transaction=False)
            for _ in range(self._batch - 1):
                pipe.lmove(self._name, self._work, "RIGHT", "LEFT")
            pipe.lrange(self._work, 0, -1)
            *_, lying = await pipe.execute()
        return [Item(self._name, raw) for raw in reversed(lying)]

    async def _keep_beating(self) -> None:
        while True:
            await self._beat()
            await self.put_back_what_the_dead_hold()
            await asyncio.sleep(self._takeover_s / BEATS)

    async def _beat(self) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(self._beat_of(self._reader), 1, px=int(self._takeover_s * 1000))
        pipe.zadd(self._readers, {self._reader: time.time()})
        await pipe.execute()

    async def put_back_what_the_dead_hold(self) -> int:
        """Put the items of readers that are silent back into the list, in their old order; answers how many."""
        number = 0
        for raw in await self._redis.zrange(self._readers, 0, -1):
            reader = raw.decode()
            if reader != self._reader and not await self._redis.exists(self._beat_of(reader)):
                number += await self._put_back(reader)
        if number:
            _log.warning("taken_over", list=self._name, items=number)
        # Not sooner: one that was frozen wakes up and takes items before its next beat.
        await self._redis.zremrangebyscore(self._readers, 0, time.time() - FORGET_S)
        return number

    async def _put_back(self, reader: str) -> int:
        number = 0
        while await self._redis.lmove(self._work_of(reader), self._name, "LEFT", "RIGHT") is not None:
            number += 1
        return number

    async def _leave(self) -> None:
        """Put back what was not handed in, so that another reader need not wait for this one's death to be noticed."""
        await self._put_back(self._reader)
        await self._redis.delete(self._beat_of(self._reader))
        await self._redis.zrem(self._readers, self._reader)

    def _work_of(self, reader: str) -> str:
        return f"{self._name}:work:{reader}"

    def _beat_of(self, reader: str) -> str:
        return f"{self._name}:alive:{reader}"
