"""Is this server fit to hold tickets? Checked once at start, before anything is accepted or claimed."""

from dataclasses import dataclass
from typing import Any, cast

import redis
from redis.exceptions import RedisError, ResponseError

from fleet.errors import ConfigurationError, LedgerUnavailableError, SchemaTooNewError
from fleet.ledger.scripts import SCHEMA

SCHEMA_KEY = "tf:schema"
OLDEST_REDIS = (7, 0)
OLDEST_VALKEY = (8, 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check: what was looked at, whether it is fit, and what to do where it is not."""

    subject: str
    is_ok: bool
    message: str


def inspect_server(client: redis.Redis) -> list[Finding]:
    """Look at version and policies; raises LedgerUnavailableError when the server does not answer."""
    try:
        info = client.info("server")
        return [
            _version(info),
            _policy(client, "appendonly", "yes"),
            _policy(client, "maxmemory-policy", "noeviction"),
        ]
    except RedisError as error:
        raise LedgerUnavailableError(f"the ledger's server did not answer: {error}") from error


def ensure_fit(client: redis.Redis, *, allow_unsafe: bool) -> list[str]:
    """Refuse an unfit server with ConfigurationError; where that is allowed, answer the warnings instead."""
    problems = [finding.message for finding in inspect_server(client) if not finding.is_ok]
    if problems and not allow_unsafe:
        raise ConfigurationError("; ".join(problems) + " (to run all the same: TRIAGE_ALLOW_UNSAFE_REDIS=true)")
    ensure_schema(client)
    return problems


def ensure_schema(client: redis.Redis) -> None:
    """Mark an empty ledger with this release's schema; refuse one that a newer release wrote."""
    client.set(SCHEMA_KEY, SCHEMA, nx=True)
    found = int(cast("bytes", client.get(SCHEMA_KEY)))
    if found > SCHEMA:
        raise SchemaTooNewError(
            f"the ledger has schema {found}, this release knows up to {SCHEMA}: upgrade this process"
        )


def _version(info: dict[str, Any]) -> Finding:
    is_valkey = "valkey_version" in info
    text = str(info["valkey_version" if is_valkey else "redis_version"])
    name, oldest = ("Valkey", OLDEST_VALKEY) if is_valkey else ("Redis", OLDEST_REDIS)
    fits = tuple(int(part) for part in text.split(".")[:2]) >= oldest
    wanted = ".".join(str(part) for part in oldest)
    return Finding("server", fits, f"{name} {text}" if fits else f"{name} {text} is too old: {wanted} is needed")


def _policy(client: redis.Redis, name: str, wanted: str) -> Finding:
    try:
        found = str(cast("dict[str, Any]", client.config_get(name)).get(name, "unknown"))
    except ResponseError:  # hosted servers often forbid CONFIG
        found = "unknown (CONFIG GET is refused)"
    if found == wanted:
        return Finding(name, True, f"{name} {found}")
    return Finding(name, False, f"the ledger's server has {name} {found}: set {name} {wanted}, or tickets can be lost")
