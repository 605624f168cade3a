"""Chat messages for tests, and bursts that end when the test says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from producers.chat.bursts import BurstSettings
from producers.chat.post import Post

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
