"""Closing: what a burst says goes into the ledger, once, whoever dies in between."""

import json
from enum import StrEnum

import structlog

from fleet.errors import InvalidTicketError
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import amend, withdraw
from producers.chat.settings import BurstSettings
from producers.chat.ticket import ticket_id, to_ticket, unreadable
from producers.chat.transitions import Frozen, settle
from producers.intake.door import Door
from producers.intake.metrics import Became

_log = structlog.get_logger("chat")


class _Told(StrEnum):
    """What the ledger said to a burst."""

    NEW = "new"
    KNOWN = "known"
    LATE = "late"
    """Triage has begun: the ticket stays as it was."""


class Closing:
    """Brings the ledger to what a burst says now. All of it may be done twice, and by two processes at once."""

    def __init__(self, door: Door, settings: BurstSettings) -> None:
        self._door = door
        self._remember_ms = int(settings.remember_s * 1000)

    async def close(self, frozen: Frozen) -> None:
        """Accept, change or withdraw the ticket of a burst; raises TransientError, and then the burst stays due."""
        told = await (self._tell(frozen) if frozen.posts else self._take_back(frozen))
        if told is _Told.LATE:
            _log.info("too_late", ticket_id=ticket_id(frozen), change="of an accepted ticket")
            self._door.metrics.message(Became.IGNORED)
        forgotten = told is _Told.LATE or not frozen.posts
        settled = await self._door.ledger.run(settle(frozen, remember_ms=0 if forgotten else self._remember_ms))
        if settled == "gone" and told is _Told.NEW:
            # Slower than the lease: another process has seen the last message go, and withdrawn what was not there yet.
            await self._take_back(frozen)

    async def _tell(self, frozen: Frozen) -> _Told:
        key = f"chat:{frozen.posts[0].platform}:{frozen.burst}"
        try:
            ticket = to_ticket(frozen)
        except InvalidTicketError as error:
            return _told(await self._keep(frozen, key, str(error)))
        answer = await self._door.accept(ticket, key=key)
        if answer.result is not Accepted.CONFLICT:
            return _told(answer)
        return _Told.KNOWN if await self._door.ledger.run(amend(ticket)) == "amended" else _Told.LATE

    async def _keep(self, frozen: Frozen, key: str, error: str) -> Acceptance:
        """Put it where a person sees it: one burst of which no ticket can be made must not stop the others."""
        raw = json.dumps([json.loads(post.dump()) for post in frozen.posts]).encode()
        return await self._door.keep(unreadable(frozen), raw, key=key, error=error)

    async def _take_back(self, frozen: Frozen) -> _Told:
        ended = withdraw(ticket_id(frozen), why="its author deleted every message of it")
        return _Told.LATE if await self._door.ledger.run(ended) == "late" else _Told.KNOWN


def _told(answer: Acceptance) -> _Told:
    return _Told.NEW if answer.is_new else _Told.KNOWN
