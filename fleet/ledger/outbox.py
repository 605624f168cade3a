"""What the outbox still has to tell: how much, since when, to which sink, and what the receiver said last."""

from dataclasses import dataclass, field
from typing import cast

import redis

from fleet.ledger.decoding import as_json, as_number
from fleet.ledger.together import read_together

MAX_ERROR = 300
SAMPLE = 100
"""So many of the rows that are due next are looked at; of a long outbox the sinks and the age are those of its head."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Rows of the outbox that are not sent. `oldest_s` since it was made; `by_sink` and `last_error` of a sample."""

    waiting: int
    parked: int
    oldest_s: float
    by_sink: dict[str, int] = field(default_factory=dict)
    last_error: dict[str, str] = field(default_factory=dict)


def read_deliveries(client: redis.Redis) -> Deliveries:
    """Read the outbox; asks for a sample of rows, however many there are."""
    (seconds, _), waiting, parked, first = read_together(
        client, ("TIME",), ("ZCARD", "tf:out"), ("ZCARD", "tf:outdlq"), ("ZRANGE", "tf:out", 0, SAMPLE - 1)
    )
    pipe = client.pipeline(transaction=False)
    for effect_id in first:
        pipe.hmget(f"tf:e:{effect_id.decode()}", "sink", "made_at", "error")
    rows = [row for row in cast("list[list[bytes | None]]", pipe.execute()) if row[0] is not None]
    by_sink: dict[str, int] = {}
    errors: dict[str, str] = {}
    for sink, _, error in rows:
        name = (sink or b"").decode()
        by_sink[name] = by_sink.get(name, 0) + 1
        if error:
            errors[name] = str(as_json(error))[:MAX_ERROR]
    made = [at for _, raw, _ in rows if (at := as_number(raw)) is not None]
    oldest_s = max(0.0, int(seconds) - min(made) / 1000) if made else 0.0
    return Deliveries(waiting, parked, oldest_s, by_sink, errors)
