"""Hints of a producer: gathered for an instant, sent by a thread, and left to the reaper where the broker fails."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

_log = structlog.get_logger("hints")

GATHER_S = 0.02
FEW = 10
"""So many tickets in an instant get a hint each, for workers to share; of more, as many stand in one hint."""

MOST_WAITING = 20_000
"""Tickets whose hints wait for a slow broker; those beyond are left to the reaper."""

PAUSE_S = 5.0
"""After a failure nothing is sent for so long: each try can take seconds, and would hold up the next."""


class Sender(Protocol):
    """What is needed of `fleet.hints.HintSender`."""

    def look_each(self, dispatch: Sequence[tuple[str, str]], *, at_ms: int, size: int = 1) -> None:
        """Send hints for (id, queue) pairs, `size` ids to a hint."""
        ...


class Hinting:
    """Tells workers about accepted tickets. Never raises and never waits: a lost hint is only a delay."""

    def __init__(
        self, sender: Sender, not_sent: Callable[[int], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sender = sender
        self._not_sent = not_sent
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hints")
        self._gathered: list[tuple[str, str]] = []
        self._at_ms = 0
        self._waiting = 0
        self._quiet_until = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def add(self, ticket_id: str, queue: str, at_ms: int) -> None:
        """Have a hint sent for a ticket that was accepted at this time of the ledger."""
        if self._waiting + len(self._gathered) >= MOST_WAITING:
            self._not_sent(1)
            return
        # The earliest time of those gathered: a later one would make its first tickets look overtaken.
        self._at_ms = min(self._at_ms, at_ms) if self._gathered else at_ms
        self._gathered.append((ticket_id, queue))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        pairs, self._gathered = self._gathered, []
        if pairs:
            self._waiting += len(pairs)
            self._thread.submit(self._send, pairs, self._at_ms)

    def _send(self, pairs: list[tuple[str, str]], at_ms: int) -> None:
        try:
            if self._clock() < self._quiet_until:
                self._not_sent(len(pairs))
                return
            self._sender.look_each(pairs, at_ms=at_ms, size=1 if len(pairs) <= FEW else FEW)
        except Exception as error:  # noqa: BLE001 - whatever the broker raises, the tickets are safe
            self._quiet_until = self._clock() + PAUSE_S
            self._not_sent(len(pairs))
            _log.warning("hints_not_sent", tickets=len(pairs), error=f"{type(error).__name__}: {error}")
        finally:
            self._waiting -= len(pairs)

    def close(self) -> None:
        """Send what is left, then stop the thread."""
        if self._timer is not None:
            self._timer.cancel()
        self._flush()
        self._thread.shutdown(wait=True)
