"""Bursts: messages of one person in one conversation gather in Redis, and become one ticket when it is quiet."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from fleet.errors import LedgerFullError, LedgerUnavailableError, TransientError
from fleet.ledger.transitions import Transition
from producers.chat.closing import Closing
from producers.chat.post import Post, message_name
from producers.chat.settings import PREFIX, BurstSettings
from producers.chat.ticket import fitting
from producers.chat.transitions import add, delete, edit, freeze
from producers.intake.door import FULL_RETRY_S, Door
from producers.intake.metrics import Became
from producers.intake.patience import pause

__all__ = ["PREFIX", "BurstSettings", "Bursts"]

_log = structlog.get_logger("chat")

LOOK_EVERY_S = 1.0
"""Other processes open bursts, too; this one looks at least so often."""

SHORTEST_REST_S = 0.01


class Bursts:
    """Takes messages in; each is durable in Redis when its call returns, and a TransientError says that it is not.

    Any number of processes may share one Redis: whichever comes first closes a burst.
    """

    def __init__(
        self, door: Door, settings: BurstSettings, *, new_id: Callable[[], str] = lambda: secrets.token_hex(10)
    ) -> None:
        self._door = door
        self._settings = settings
        self._new_id = new_id
        self._closing = Closing(door, settings)
        self._is_due = asyncio.Event()

    async def add(self, post: Post) -> None:
        """Take a message in; one that is known changes nothing."""
        if self._door.pressure.is_over(self._door.settings.memory_full_share):
            self._full()
        whole = replace(post, text=fitting(post.text))
        bound = self._door.settings.max_backlog
        answer = await self._ask(add(whole, self._new_id(), self._settings, max_backlog=bound))
        if answer == "full":
            self._full()
        if answer == "known":
            self._door.metrics.message(Became.DUPLICATE)
        if answer == "ended":
            self._is_due.set()

    async def edit(self, platform: str, place: str, message_id: str, text: str, *, at: datetime | None = None) -> None:
        """Replace what a message says, unless its ticket is being triaged already.

        `at` is when its author did so (default: now); of two edits the later one holds, whichever comes first.
        """
        name = message_name(platform, place, message_id)
        self._note(await self._ask(edit(name, fitting(text), self._settings, at=at)), "edit")

    async def delete(self, platform: str, place: str, message_id: str) -> None:
        """Take a message out, unless its ticket is being triaged already."""
        name = message_name(platform, place, message_id)
        self._note(await self._ask(delete(name, self._settings)), "deletion")

    async def _ask(self, transition: Transition[str]) -> str:
        try:
            return await self._door.ledger.run(transition)
        except LedgerUnavailableError:
            self._door.metrics.message(Became.UNAVAILABLE)
            raise

    def _note(self, answer: str, what: str) -> None:
        if answer == "late":
            _log.info("too_late", change=what)
            self._door.metrics.message(Became.IGNORED)
        if answer == "accepted":
            self._is_due.set()

    def _full(self) -> None:
        self._door.metrics.message(Became.FULL)
        raise LedgerFullError("the ledger takes nothing in for now; try again later", retry_after_s=FULL_RETRY_S)

    async def run(self) -> None:
        """Close bursts that are due until told to stop; what is open then stays in Redis for the next process."""
        while not self._door.stop.is_set():
            self._is_due.clear()
            wait_s = LOOK_EVERY_S
            with suppress(TransientError):  # they stay due, and are taken again when the lease is over
                wait_s = await self.close_due()
            # A burst that begins meanwhile is not due before it was quiet.
            await self._rest(max(SHORTEST_REST_S, min(LOOK_EVERY_S, self._settings.quiet_s, wait_s)))

    async def close_due(self) -> float:
        """Make tickets of the bursts that are due; answers in how many seconds to look again."""
        due = await self._door.ledger.run(freeze())
        ends = await asyncio.gather(*map(self._closing.close, due.frozen), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return LOOK_EVERY_S if due.next_ms is None else due.next_ms / 1000

    async def _rest(self, seconds: float) -> None:
        waits = [asyncio.create_task(self._is_due.wait()), asyncio.create_task(pause(self._door.stop, seconds))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
