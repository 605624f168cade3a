"""Who asks, and may they: tokens looked up in the ledger's server and remembered for an instant."""

import time
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from fleet.errors import LedgerUnavailableError
from producers.api.errors import ApiError, forbidden, unauthorized
from producers.api.tokens import Scope, Token, bearer, digest_of, key_of
from producers.intake.metrics import IntakeMetrics, Refusal

REMEMBER_S = 2.0
"""So long a revoked token is still believed; without it each request would ask the server twice."""

_MOST_REMEMBERED = 10_000


class Access:
    """Believes a bearer token, or raises an ApiError: 401, 403, or 503 where nobody can tell."""

    def __init__(self, redis: Any, metrics: IntakeMetrics, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._metrics = metrics
        self._clock = clock
        self._remembered: dict[str, tuple[float, Token | None]] = {}

    async def token(self, header: str | None, scope: Scope) -> Token:
        """Answer the token of an Authorization header, if it is good for this."""
        secret = bearer(header)
        if secret is None:
            raise self._refused(Refusal.MISSING)
        digest = digest_of(secret)
        found = await self._look_up(digest)
        why = Refusal.UNKNOWN if found is None else found.refusal(digest, self._clock())
        if found is None or why is not None:
            raise self._refused(why or Refusal.UNKNOWN)
        self.ensure(found, scope)
        return found

    def ensure(self, token: Token, scope: Scope) -> None:
        """Raise a 403 where the token has not this scope."""
        if scope not in token.scopes:
            self._metrics.refused(Refusal.SCOPE)
            raise forbidden(scope)

    def _refused(self, why: Refusal) -> ApiError:
        self._metrics.refused(why)
        return unauthorized(why)

    async def _look_up(self, digest: str) -> Token | None:
        now = self._clock()
        until, found = self._remembered.get(digest, (0.0, None))
        if now < until:
            return found
        try:
            raw = await self._redis.get(key_of(digest))
        except (RedisError, OSError) as error:
            raise LedgerUnavailableError(
                f"tokens cannot be looked up: {type(error).__name__}", retry_after_s=1
            ) from error
        found = None if raw is None else Token.load(raw)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[digest] = (now + REMEMBER_S, found)
        return found
