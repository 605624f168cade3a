"""Streams that others XADD to, read as a consumer group. An entry is acknowledged when the ledger holds it."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import redis.asyncio
import structlog
from redis.exceptions import ResponseError

from producers.intake.door import Door
from producers.raw.handing_in import hand_in
from producers.raw.item import Item, entry_bytes

_log = structlog.get_logger("redis")

WAIT_MS = 1_000


class StreamReader:
    """Reads one stream. Entries that a dead consumer held are claimed when they have been idle for `takeover_s`."""

    def __init__(
        self, client: "redis.asyncio.Redis", name: str, *, group: str, batch: int, takeover_s: float, delete: bool
    ) -> None:
        self._redis = cast("Any", client)  # its commands are typed for both kinds of client at once
        self._name = name
        self._group = group
        self._batch = batch
        self._idle_ms = int(takeover_s * 1000)
        self._delete = delete
        self._consumer = secrets.token_hex(6)

    async def read(self, door: Door, started: Callable[[], None]) -> None:
        """Hand entries in until told to stop; raises RedisError when the server fails (call it again then)."""
        await self._ensure_group()
        started()
        while not door.stop.is_set():
            entries = await self._claimed() or await self._new()
            if entries and await hand_in(door, [self._item(entry_id, fields) for entry_id, fields in entries]):
                await self._done([entry_id for entry_id, _ in entries])
            door.status.beat()
        await self._leave()

    async def _ensure_group(self) -> None:
        try:
            await self._redis.xgroup_create(self._name, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _claimed(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Take over what was given to a consumer that has been silent for long; this one's own is among it."""
        answer = await self._redis.xautoclaim(
            self._name, self._group, self._consumer, min_idle_time=self._idle_ms, count=self._batch
        )
        found = [(entry_id, fields) for entry_id, fields in answer[1] if fields is not None]
        if found:
            _log.warning("taken_over", stream=self._name, items=len(found))
        return found

    async def _new(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        answer = await self._redis.xreadgroup(
            self._group, self._consumer, {self._name: ">"}, count=self._batch, block=WAIT_MS
        )
        streams = answer.items() if isinstance(answer, dict) else answer or ()
        # The newer protocol answers lists of batches, the older one batches.
        batches = [batch for _, batch in streams]
        return [entry for batch in batches for entry in _flat(batch)]

    async def _done(self, entry_ids: list[bytes]) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.xack(self._name, self._group, *entry_ids)
        if self._delete:
            pipe.xdel(self._name, *entry_ids)
        await pipe.execute()

    async def _leave(self) -> None:
        """Take the consumer out of the group, if it holds nothing: with it, its entries would be forgotten."""
        with suppress(ResponseError):
            for consumer in await self._redis.xinfo_consumers(self._name, self._group):
                if consumer["name"] == self._consumer.encode() and not consumer["pending"]:
                    await self._redis.xgroup_delconsumer(self._name, self._group, self._consumer)

    def _item(self, entry_id: bytes, fields: dict[bytes, bytes]) -> Item:
        return Item(self._name, entry_bytes(fields), entry_id.decode())


def _flat(batch: Any) -> list[Any]:
    return [entry for part in batch for entry in part] if batch and isinstance(batch[0], list) else list(batch)
