"""Heartbeats: what each worker process says of itself every few seconds, and how others find those that live."""

import json
import time
from collections.abc import Callable
from typing import Any, cast

import redis
import redis.asyncio

from fleet.ledger.decoding import as_object

LIFE_S = 30
"""A worker that has said nothing for so long is gone."""

SCAN_EVERY_S = 300.0
"""Releases before this one are not in the index; finding them walks every key, which takes a second for a million."""

_INDEX = "tf:workers"
_PREFIX = "tf:hb:"


async def beat(client: redis.asyncio.Redis, worker: str, state: dict[str, Any]) -> None:
    """Say that this worker lives, and what it does."""
    now_s = time.time()
    pipe: Any = client.pipeline(transaction=False)
    pipe.set(_PREFIX + worker, json.dumps(state), ex=LIFE_S)
    pipe.zadd(_INDEX, {worker: now_s})
    pipe.zremrangebyscore(_INDEX, "-inf", now_s - 100 * LIFE_S)  # whoever was killed
    await pipe.execute()


async def leave(client: redis.asyncio.Redis, worker: str) -> None:
    """Say that this worker goes."""
    pipe: Any = client.pipeline(transaction=False)
    pipe.delete(_PREFIX + worker)
    pipe.zrem(_INDEX, worker)
    await pipe.execute()


class Workers:
    """Reads the heartbeats of a ledger, again and again; `now` answers monotonic seconds."""

    def __init__(self, client: redis.Redis, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._found: set[str] = set()
        self._scanned_s = float("-inf")

    def alive(self) -> list[dict[str, Any]]:
        """Read what the workers that live say, by name; raises RedisError."""
        names = sorted({*self._indexed(), *self._scanned()})
        if not names:
            return []
        found = cast("list[bytes | None]", self._client.mget([_PREFIX + name for name in names]))
        return [read_heartbeat(name, raw) for name, raw in zip(names, found, strict=True) if raw is not None]

    def _indexed(self) -> set[str]:
        members = cast("list[bytes]", self._client.zrange(_INDEX, 0, -1))
        return {name.decode(errors="replace") for name in members}

    def _scanned(self) -> set[str]:
        if self._now() - self._scanned_s >= SCAN_EVERY_S:
            self._scanned_s = self._now()
            keys = cast("list[bytes]", list(self._client.scan_iter(f"{_PREFIX}*", count=1000)))
            self._found = {key.decode(errors="replace").removeprefix(_PREFIX) for key in keys}
        return self._found


def read_heartbeat(worker: str, raw: bytes) -> dict[str, Any]:
    """Read one, whatever release wrote it: that the worker lives is known even where nothing else is."""
    said = as_object(raw) or {}
    queues = said.get("queues")
    names = [str(name) for name in queues] if isinstance(queues, list) else []
    running = said.get("running")
    return said | {
        "worker": worker,
        "queues": names,
        "running": running if isinstance(running, int) else None,
        "draining": said.get("draining") is True,
    }


def serving(workers: list[dict[str, Any]], queue: str) -> int:
    """Count the workers that take hints from a queue; those going down take none any more."""
    return sum(queue in worker["queues"] and not worker["draining"] for worker in workers)
