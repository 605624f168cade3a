"""How far the rooms have been read: the homeserver's sync token, kept beside the tickets."""

from collections.abc import Mapping
from typing import Any

from redis.exceptions import RedisError

from fleet.errors import LedgerUnavailableError


class Position:
    """Kept in the ledger's server, so that it can be no newer than the messages that were taken."""

    def __init__(self, redis: Any, user: str) -> None:
        self._redis = redis
        self._since = f"tf:matrix:{user}:since"
        self._seen = f"tf:matrix:{user}:seen"

    @property
    def key(self) -> str:
        """The key whose removal means: begin anew, with what is said from then on."""
        return self._since

    async def since(self) -> str | None:
        """The token of the last batch that was taken; raises LedgerUnavailableError."""
        return _text(await self._ask(self._redis.get(self._since)))

    async def last_seen(self, room: str) -> str | None:
        """The newest event of a room that was taken; raises LedgerUnavailableError."""
        return _text(await self._ask(self._redis.hget(self._seen, room)))

    async def advance(self, since: str, seen: Mapping[str, str]) -> None:
        """Move on to the next batch; `seen` are the newest events of its rooms. Raises LedgerUnavailableError."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.set(self._since, since)
        if seen:
            pipeline.hset(self._seen, mapping=dict(seen))
        await self._ask(pipeline.execute())

    async def _ask(self, call: Any) -> Any:
        try:
            return await call
        except (RedisError, OSError) as error:
            raise LedgerUnavailableError(f"the ledger's server did not answer: {error}", retry_after_s=1.0) from error


def _text(value: Any) -> str | None:
    return value.decode() if isinstance(value, bytes) else value
