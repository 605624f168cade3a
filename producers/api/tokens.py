"""Bearer tokens: long random words, of which only the hash is stored, with what their holder may do."""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Self

from fleet.ledger.decoding import as_object
from producers.intake.metrics import Refusal

MARK = "tft_"
"""So that scanners for leaked secrets know one when they see it."""

_LONGEST = 200


class Scope(StrEnum):
    """What a token is good for."""

    WRITE = "tickets:write"
    READ = "tickets:read"
    URGENT = "tickets:urgent"
    """May use the urgent lane."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret.

    `expires_at` in seconds since 1970, 0 for never; `per_minute` tickets, 0 for no limit.
    """

    name: str
    digest: str
    scopes: frozenset[Scope]
    tenant: str = "default"
    expires_at: int = 0
    per_minute: int = 0

    def refusal(self, secret_digest: str, now_s: float) -> Refusal | None:
        """Say why a secret with this digest is not believed; None where it is."""
        if not hmac.compare_digest(self.digest.encode(), secret_digest.encode()):
            return Refusal.UNKNOWN
        return Refusal.EXPIRED if self.expires_at and now_s >= self.expires_at else None

    def dump(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self) | {"scopes": sorted(self.scopes)})

    @classmethod
    def load(cls, raw: bytes | str) -> Self:
        """Read what `dump` wrote in whatever release; one of which too much is missing is good for nothing."""
        said = as_object(raw) or {}
        known = {scope.value for scope in Scope}
        scopes = frozenset(Scope(scope) for scope in said.get("scopes", ()) if scope in known)
        names = {field.name for field in fields(cls)}
        values = {"name": "?", "digest": ""} | {name: said[name] for name in said if name in names}
        return cls(**values | {"scopes": scopes})


def new_secret() -> str:
    """Make a secret: 256 random bits, too many to guess, so that a plain hash protects it."""
    return MARK + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Hash a secret for storing and looking up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def bearer(header: str | None) -> str | None:
    """Read the secret out of an Authorization header; None where it holds none."""
    kind, _, secret = (header or "").partition(" ")
    secret = secret.strip()
    return secret if kind.lower() == "bearer" and 0 < len(secret) <= _LONGEST else None


def key_of(digest: str) -> str:
    """Name the key that a token is stored under."""
    return f"tf:http:token:{digest}"


NAMES = "tf:http:tokens"
"""Hash of all tokens: name to digest."""
