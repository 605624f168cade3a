"""The book of tokens, as people keep it: create, list, revoke."""

from typing import Any, cast

import redis

from fleet.errors import ConfigurationError
from producers.api.tokens import NAMES, Token, digest_of, key_of, new_secret


def create(client: redis.Redis, token: Token) -> str:
    """Store a token under its name, with a fresh secret; answers the secret, which nobody can read again.

    Raises ConfigurationError where the name is taken.
    """
    secret = new_secret()
    digest = digest_of(secret)
    if not client.hsetnx(NAMES, token.name, digest):
        raise ConfigurationError(f"a token named {token.name} exists: revoke it first, or choose another name")
    kept = Token(token.name, digest, token.scopes, token.tenant, token.expires_at, token.per_minute)
    client.set(key_of(digest), kept.dump())
    return secret


def list_tokens(client: redis.Redis) -> list[Token]:
    """Read all tokens, by name."""
    digests = cast("dict[bytes, bytes]", client.hgetall(NAMES))
    found: list[Any] = [client.get(key_of(digest.decode())) for _, digest in sorted(digests.items())]
    return [Token.load(raw) for raw in found if raw is not None]


def revoke(client: redis.Redis, name: str) -> bool:
    """Forget a token; False where none has the name. Processes that saw it lately believe it for seconds more."""
    digest = cast("bytes | None", client.hget(NAMES, name))
    if digest is None:
        return False
    client.delete(key_of(digest.decode()))
    client.hdel(NAMES, name)
    return True
