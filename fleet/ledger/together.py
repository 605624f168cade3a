"""Read several things of the ledger at one instant, in every state of its server: full, without a disk, a replica."""

import json
from typing import Any, cast

import redis

from fleet.ledger.scripts import source

Command = tuple[str | int, ...]


def read_together(client: redis.Redis, *commands: Command) -> list[Any]:
    """Answer what the server says to each reading command, raw (a hash is a flat list of names and values).

    One script that writes nothing: atomic, and allowed where a transaction is refused. Raises RedisError.
    """
    wishes = [json.dumps([str(part) for part in command]) for command in commands]
    return cast("list[Any]", client.eval(source("read"), 0, *wishes))


def pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    """Turn the flat answer of HGETALL into a dictionary."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
