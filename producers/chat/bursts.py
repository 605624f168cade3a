"""Bursts: messages of one person in one conversation gather in Redis, and become one ticket when it is quiet."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog

from fleet.errors import LedgerFullError, TransientError
from fleet.ledger.records import Accepted
from fleet.ledger.transitions import amend, withdraw
from producers.chat.post import Post
from producers.chat.settings import PREFIX, BurstSettings
from producers.chat.ticket import ticket_id, to_ticket
from producers.chat.transitions import Frozen, add, delete, edit, freeze, settle
from producers.intake.door import FULL_RETRY_S, Door
from producers.intake.metrics import Became
from producers.intake.patience import pause

__all__ = ["PREFIX", "BurstSettings", "Bursts"]

_log = structlog.get_logger("chat")

LOOK_EVERY_S = 1.0
"""Other processes open bursts, too; this one looks at least so often."""

_CUT_CHARS = 15_000
"""Of one message; a burst of them has to fit into a ticket."""


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
        self._changed = asyncio.Event()

    async def add(self, post: Post) -> None:
        """Take a message in; one that is known changes nothing."""
        if self._door.pressure.is_over(self._door.settings.memory_full_share):
            self._full()
        cut = replace(post, text=_cut(post.text))
        bound = self._door.settings.max_backlog
        answer = await self._door.ledger.run(add(cut, self._new_id(), self._settings, max_backlog=bound))
        if answer == "full":
            self._full()
        if answer == "known":
            self._door.metrics.message(Became.DUPLICATE)
        self._changed.set()

    async def edit(self, platform: str, place: str, message_id: str, text: str) -> None:
        """Replace what a message says, unless its ticket is being triaged already."""
        change = edit(platform, place, message_id, _cut(text), self._settings)
        self._note(await self._door.ledger.run(change), "edit")

    async def delete(self, platform: str, place: str, message_id: str) -> None:
        """Take a message out, unless its ticket is being triaged already."""
        self._note(await self._door.ledger.run(delete(platform, place, message_id, self._settings)), "deletion")

    def _note(self, answer: str, what: str) -> None:
        if answer == "late":
            _log.info("too_late", change=what)
            self._door.metrics.message(Became.IGNORED)
        self._changed.set()

    def _full(self) -> None:
        self._door.metrics.message(Became.FULL)
        raise LedgerFullError("the ledger takes nothing in for now; try again later", retry_after_s=FULL_RETRY_S)

    async def run(self) -> None:
        """Close bursts that are due until told to stop; what is open then stays in Redis for the next process."""
        while not self._door.stop.is_set():
            self._changed.clear()
            wait_s = LOOK_EVERY_S
            with suppress(TransientError):  # they stay due, and are taken again when the lease is over
                wait_s = await self.close_due()
            await self._rest(min(LOOK_EVERY_S, wait_s))

    async def close_due(self) -> float:
        """Make tickets of the bursts that are due; answers in how many seconds to look again."""
        due = await self._door.ledger.run(freeze())
        for frozen in due.frozen:
            await self._close(frozen)
        return LOOK_EVERY_S if due.next_ms is None else due.next_ms / 1000

    async def _rest(self, seconds: float) -> None:
        waits = [asyncio.create_task(self._changed.wait()), asyncio.create_task(pause(self._door.stop, seconds))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    async def _close(self, frozen: Frozen) -> None:
        is_late = await (self._tell(frozen) if frozen.posts else self._take_back(frozen))
        if is_late:
            _log.info("too_late", ticket_id=ticket_id(frozen), change="of an accepted ticket")
            self._door.metrics.message(Became.IGNORED)
        forgotten = is_late or not frozen.posts
        remember_ms = 0 if forgotten else int(self._settings.remember_s * 1000)
        await self._door.ledger.run(settle(frozen, remember_ms=remember_ms))

    async def _tell(self, frozen: Frozen) -> bool:
        """Accept the ticket, or change the one that was accepted; answers whether it is too late for that."""
        ticket = to_ticket(frozen)
        answer = await self._door.accept(ticket, key=f"chat:{frozen.posts[0].platform}:{frozen.burst}")
        if answer.result is Accepted.CONFLICT:
            return await self._door.ledger.run(amend(ticket)) != "amended"
        return False

    async def _take_back(self, frozen: Frozen) -> bool:
        answer = await self._door.ledger.run(withdraw(ticket_id(frozen), why="its author deleted every message of it"))
        return answer == "late"


def _cut(text: str) -> str:
    rest = len(text) - _CUT_CHARS
    return f"{text[:_CUT_CHARS]}\n[{rest:,} more characters left out]" if rest > 0 else text
