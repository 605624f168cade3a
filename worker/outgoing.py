"""Hints that this process has to send, collected for an instant and published off the event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import structlog

from fleet.hints import HintSender

_log = structlog.get_logger("hints")

GATHER_S = 0.1
"""How long deliveries are collected: one message for many of them, and still sooner than anybody notices."""

EFFECTS_PER_HINT = 50


class Outgoing:
    """Publishes hints in one thread of its own, for publishing blocks. A failure is logged and left to the reaper."""

    def __init__(self, sender: HintSender) -> None:
        self._sender = sender
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hints")
        self._effects: list[str] = []
        self._hints: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._timer: asyncio.TimerHandle | None = None

    def hint(self, ticket_id: str, queue: str, at_ms: int) -> None:
        """Send one ticket's hint at once: an escalated customer waits for it."""
        self._publish(lambda: self._sender.look([ticket_id], queue=queue, at_ms=at_ms))

    def hints(self, dispatch: Iterable[tuple[str, str]], at_ms: int) -> None:
        """Send the hints that a pass of the reaper asks for."""
        pairs = list(dispatch)
        if pairs:
            self._publish(lambda: self._sender.look_each(pairs, at_ms=at_ms))

    def effects(self, effect_ids: Iterable[str]) -> None:
        """Have these outbox rows sent soon."""
        self._effects.extend(effect_ids)
        if self._effects and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        ids, self._effects = self._effects, []
        for start in range(0, len(ids), EFFECTS_PER_HINT):
            part = ids[start : start + EFFECTS_PER_HINT]
            self._publish(lambda part=part: self._sender.deliver(part))  # type: ignore[misc]

    def _publish(self, send: Callable[[], None]) -> None:
        def attempt() -> None:
            try:
                send()
            except Exception as error:  # noqa: BLE001 - whatever the broker raises, the reaper mends it
                _log.warning("hint_not_sent", error=f"{type(error).__name__}: {error}", message="the reaper will")

        self._thread.submit(attempt)

    def close(self) -> None:
        """Send what is left, then stop the thread."""
        if self._timer is not None:
            self._timer.cancel()
        self._flush()
        self._thread.shutdown(wait=True)
