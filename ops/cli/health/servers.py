"""Checks of what the fleet stands on: the ledger's server, its policies and schema, and the broker."""

import time
from collections.abc import Iterator
from typing import cast

import redis

from fleet.hints import ensure_transport
from fleet.ledger.condition import read_condition
from fleet.ledger.scripts import SCHEMA
from fleet.ledger.server import SCHEMA_KEY, inspect_server
from fleet.settings import Settings
from ops.cli.health.finding import Line, failed, ok, warning
from ops.cli.terminal.connection import open_ledger

_CONNECT_S = 3


def check_ledger(settings: Settings) -> Iterator[Line]:
    """Can the ledger's server be reached, is it fit to hold tickets, and who wrote it."""
    with open_ledger(settings) as ledger:
        started = time.monotonic()
        ledger.redis.ping()
        yield ok("redis", f"reachable, {(time.monotonic() - started) * 1000:.1f} ms a round trip")
        for finding in inspect_server(ledger.redis):
            if finding.is_ok:
                yield ok(finding.subject, finding.message)
            elif settings.allow_unsafe_redis:
                yield warning(finding.subject, f"allowed by TRIAGE_ALLOW_UNSAFE_REDIS: {finding.message}")
            else:
                yield failed(finding.subject, finding.message)
        yield from _condition(ledger.redis)
        yield _schema(cast("bytes | None", ledger.redis.get(SCHEMA_KEY)))


def _condition(client: redis.Redis) -> Iterator[Line]:
    """Is there room, can it write its files, is it the master, and do the clocks agree."""
    condition = read_condition(client)
    share = condition.memory_share
    if not condition.troubles():
        used = "no maxmemory is set" if share is None else f"{share:.0%} of maxmemory in use"
        yield ok("memory", f"{used}; files are written, clocks agree")
    for trouble in condition.troubles():
        yield failed("server.state", trouble)


def check_broker(settings: Settings) -> Iterator[Line]:
    """Is the library of the broker's transport there, and can the broker be reached, where it is another server."""
    ensure_transport(settings)
    if settings.broker_url is None:
        yield ok("broker", "hints travel on the ledger's server")
        return
    from kombu import Connection

    with Connection(settings.hints_url, connect_timeout=_CONNECT_S) as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=_CONNECT_S)
        except Exception as error:  # noqa: BLE001 - each transport has its own errors
            yield failed("broker.away", f"TRIAGE_BROKER_URL: {connection.as_uri()} does not answer: {error}")
            return
        yield ok("broker", f"{connection.as_uri()} reachable")


def _schema(raw: bytes | None) -> Line:
    if raw is None:
        return ok("schema", f"new ledger; this release writes schema {SCHEMA}")
    found = int(raw)
    if found > SCHEMA:
        message = f"the ledger has schema {found}, this release knows up to {SCHEMA}"
        return failed("schema.newer", message, "upgrade this release")
    return ok("schema", f"{found}, known to this release")
