"""Chat messages for tests, and bursts that end when the test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import redis

from producers.chat import transitions
from producers.chat.bursts import BurstSettings
from producers.chat.post import Post
from producers.chat.scripts import script
from tests.support.clock import STOPPED, server_under_test_clock

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AT_ONCE = BurstSettings(quiet_s=0.0001, longest_s=0.0001)
"""Each burst is due as soon as it is open."""

LATER = BurstSettings(quiet_s=3_600, longest_s=7_200)


def a_post(number: int, text: str | None = None, **values: Any) -> Post:
    """Write message `number` of Ann in the place p1, unless told otherwise."""
    own: dict[str, Any] = {
        "platform": "slack",
        "place": "p1",
        "author": "ann",
        "message_id": f"m{number}",
        "text": f"text {number}" if text is None else text,
        "at": START + timedelta(seconds=number),
    }
    return Post(**(own | values))


def end_all(client: redis.Redis) -> None:
    """Have every open burst be due now."""
    bursts: Any = client.zrange("tf:burst:due", 0, -1)
    for burst in bursts:
        client.zadd("tf:burst:due", {burst: 0})


@contextmanager
def bursts_under_test_clock() -> Iterator[None]:
    """Have the scripts of bursts, and the ledger's, read the time that the test sets."""

    def stopped(name: str) -> tuple[str, str]:
        full_name, text = script(name)
        assert text.count(STOPPED.old) == 1
        return f"{full_name}.stopped", text.replace(STOPPED.old, STOPPED.new)

    with server_under_test_clock(), patch.object(transitions, "script", stopped):
        yield
