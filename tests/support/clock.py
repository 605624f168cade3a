"""A clock for the ledger that only the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.support.lua import PRELUDE, Edit, edited

KEY = "tf:test:now"
START_MS = 1_800_000_000_000

STOPPED = Edit(
    PRELUDE,
    "local t = redis.call('TIME')\n  return t[1] * 1000 + math.floor(t[2] / 1000)",
    f"return tonumber(redis.call('GET', '{KEY}'))",
)


class Clock:
    """The time that the scripts see, in ms."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self.now = 0
        self.set(START_MS)

    def set(self, now_ms: int) -> None:
        """Jump to a time."""
        self.now = now_ms
        self._client.set(KEY, now_ms)

    def advance(self, ms: int) -> None:
        """Let time pass; less than nothing is a clock that was put back."""
        self.set(self.now + ms)


@contextmanager
def server_under_test_clock() -> Iterator[None]:
    """Make the scripts read the time from a key instead of the server's clock."""
    with edited(STOPPED):
        yield
