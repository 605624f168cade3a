"""What may be used once: tokens and ids, remembered in Redis with what they were used for."""

import hashlib
from enum import StrEnum, auto
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from fleet.errors import LedgerUnavailableError
from producers.chat.post import digest

_DONE = "done:"
RETRY_S = 1.0


class Claim(StrEnum):
    """What is known of a name."""

    NEW = auto()
    UNFINISHED = auto()
    """It came before with the same content, and it is not known whether that was taken in."""
    DONE = auto()
    """The same content was taken in."""
    OTHER = auto()
    """It belongs to another content."""


class Once:
    """Names of one kind, each bound to one content for `remember_s`."""

    def __init__(self, client: "redis.asyncio.Redis", kind: str, remember_s: float) -> None:
        self._redis = client
        self._kind = kind
        self._remember_ms = int(remember_s * 1000)

    async def claim(self, name: str, content: bytes) -> Claim:
        """Bind a name to its content, unless it is bound; raises LedgerUnavailableError."""
        mark = _mark(content)
        try:
            found: Any = await self._redis.set(self._key(name), mark, px=self._remember_ms, nx=True, get=True)
        except (RedisError, OSError) as error:
            raise _away(error) from None
        known = found.decode() if isinstance(found, bytes) else found
        if known is None:
            return Claim.NEW
        if known == _DONE + mark:
            return Claim.DONE
        return Claim.UNFINISHED if known == mark else Claim.OTHER

    async def done(self, name: str, content: bytes) -> None:
        """Note that the content was taken in; raises LedgerUnavailableError, and taking it in again does no harm."""
        try:
            await self._redis.set(self._key(name), _DONE + _mark(content), px=self._remember_ms)
        except (RedisError, OSError) as error:
            raise _away(error) from None

    def _key(self, name: str) -> str:
        return f"tf:webhooks:{self._kind}:{digest(name)}"


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _away(error: Exception) -> LedgerUnavailableError:
    return LedgerUnavailableError(f"the ledger's server does not answer: {error}", retry_after_s=RETRY_S)
