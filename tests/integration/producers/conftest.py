"""What the producers' tests share: an open door to an empty ledger."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import redis
from prometheus_client import CollectorRegistry

from fleet.settings import load_settings
from producers.intake.door import Door
from producers.intake.service import opened

OpenDoor = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture
def open_door(redis_url: str, client: redis.Redis) -> OpenDoor:
    """Open the door of a producer on the flushed server: `async with open_door("imap", max_backlog=5) as door`."""
    assert client.dbsize() == 0

    @asynccontextmanager
    async def made(name: str = "test", **settings: Any) -> AsyncIterator[Door]:
        values = {"redis_url": redis_url} | settings
        async with opened(name, load_settings({}, **values), CollectorRegistry()) as door:
            yield door

    return made
