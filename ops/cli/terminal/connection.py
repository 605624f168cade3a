"""The connections of a command: the ledger that the settings name, and hints to its workers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import redis

from fleet.errors import ConfigurationError
from fleet.ledger import Ledger
from fleet.ledger.server import ensure_fit, ensure_schema
from fleet.settings import Settings
from ops.cli.terminal.output import say


@contextmanager
def open_ledger(settings: Settings, *, timeout_s: float | None = None) -> Iterator[Ledger]:
    """Open the ledger for reading; an address that is none raises ConfigurationError."""
    options = {} if timeout_s is None else {"socket_timeout": timeout_s}
    try:
        ledger = Ledger(settings.ledger_url, **options)
    except (ValueError, redis.RedisError) as error:
        raise ConfigurationError(f"TRIAGE_REDIS_URL: {error}") from None
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def open_for_intake(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger to put tickets in, which only a server that keeps them may be asked to."""
    with open_ledger(settings) as ledger:
        for warning in ensure_fit(ledger.redis, allow_unsafe=settings.allow_unsafe_redis):
            say(f"warning: {warning}")
        yield ledger


@contextmanager
def open_for_repair(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger to change what is in it; refused where a newer release wrote it."""
    with open_ledger(settings) as ledger:
        ensure_schema(ledger.redis)
        yield ledger


class Hints:
    """Tells workers to look. The first failure ends the trying: it can cost seconds, and the reaper hints again."""

    def __init__(self, settings: Settings) -> None:
        from fleet.hints import HintSender

        self._sender = HintSender.for_settings(settings)
        self.failure = ""

    def look(self, dispatch: Sequence[tuple[str, str]], at_ms: int, *, size: int = 1) -> None:
        """Hint at (id, queue) pairs that were dispatched at this time of the ledger, `size` ids to a hint."""
        if dispatch and not self.failure:
            try:
                self._sender.look_each(dispatch, at_ms=at_ms, size=size)
            except Exception as error:  # noqa: BLE001 - whatever the broker raises, the tickets are safe
                self._failed(error)

    def deliver(self, effect_ids: Sequence[str]) -> None:
        """Hint at outbox rows that are due."""
        if effect_ids and not self.failure:
            try:
                self._sender.deliver(effect_ids)
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.failure = f"{type(error).__name__}: {error}"
        say(f"warning: hints could not be sent ({self.failure}); the workers will find the tickets by themselves")

    def close(self) -> None:
        """Close the connections to the broker."""
        self._sender.close()
