"""`triage ingest matrix`: rooms of a homeserver, read from where the last run ended until told to stop."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from fleet.doubts import bare_addresses
from fleet.settings import Settings, load_group
from producers.chat.bursts import Bursts
from producers.chat.settings import PREFIX as CHAT_PREFIX
from producers.chat.settings import BurstSettings
from producers.intake.door import Door
from producers.intake.patience import Backoff, pause
from producers.matrix.failures import LONGEST_ASKED_S, HomeserverError, RefusedError
from producers.matrix.handing import Handing, Posts, StoppedError
from producers.matrix.position import Position
from producers.matrix.session import FIRST_SYNC_S, Session, logged_in
from producers.matrix.settings import PREFIX, MatrixSettings
from producers.matrix.taking import Taking

_log = structlog.get_logger("matrix")

RECONNECT = Backoff(first_s=0.5, longest_s=60.0)

STALL_S = FIRST_SYNC_S + LONGEST_ASKED_S
"""Nothing takes longer than the first answer of a homeserver, and the pause that it may ask for."""


class RunningPosts(Posts, Protocol):
    """What is needed of `producers.chat.bursts.Bursts`."""

    async def run(self) -> None:
        """Close bursts that are due, until the door stops."""
        ...


class MatrixSource:
    """Reads the rooms that the settings name; what was not taken when it ends is read again by the next."""

    name = "matrix"

    def __init__(self, settings: MatrixSettings, open_bursts: Callable[[Door], RunningPosts]) -> None:
        self._settings = settings
        self._open_bursts = open_bursts

    async def run(self, door: Door) -> None:
        """Hand messages in until told to stop; a homeserver that fails is asked again."""
        door.status.expect_beats(STALL_S)
        bursts = self._open_bursts(door)
        position = Position(door.ledger.redis, self._settings.user_id)
        taking = Taking(Handing(door, bursts), position, door.status, self._settings)
        closing = asyncio.create_task(bursts.run())
        listening = asyncio.create_task(self._listen(door, taking))
        stopping = asyncio.create_task(door.stop.wait())
        try:
            await asyncio.wait({closing, listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # Wherever it is now: what kill -9 may do at any moment, an orderly end may do, too.
            listening.cancel()
            with suppress(asyncio.CancelledError, StoppedError):
                await listening
            await closing
        finally:
            for task in (closing, listening, stopping):
                task.cancel()
            await asyncio.gather(closing, listening, stopping, return_exceptions=True)

    async def _listen(self, door: Door, taking: Taking) -> None:
        tries = 0
        while True:
            try:
                async with logged_in(self._settings) as session:
                    if await taking.since():  # what is said from now on will be read, even if nothing is for now
                        door.status.up()
                    while True:
                        await self._take_turn(door, taking, session)
                        tries = 0
            except HomeserverError as error:
                door.status.down(str(error))
                await pause(door.stop, again_in_s(error, tries, random.random()))  # noqa: S311 - a pause, no secret
                tries += 1

    async def _take_turn(self, door: Door, taking: Taking, session: Session) -> None:
        since = await taking.since()
        try:
            batch = await session.sync(since)
        except RefusedError as error:
            if since is None:
                raise
            raise RefusedError(
                f"{error}; where the homeserver has lost its past, begin anew: remove {taking.position_key}", error.code
            ) from error
        await taking.take(session, batch, since)
        door.status.up()


def again_in_s(error: HomeserverError, tries: int, chance: float) -> float:
    """Say when to try again after so many failures: no sooner than asked for; `chance` is random, from 0 to 1."""
    return max(error.retry_after_s, RECONNECT.delay_s(tries, chance))


def make_source(_settings: Settings) -> MatrixSource:
    """Make the source out of the environment; raises ConfigurationError."""
    own = load_group(MatrixSettings, PREFIX)
    for doubt in bare_addresses(own, PREFIX):
        _log.warning("unencrypted", message=doubt)
    of_bursts = load_group(BurstSettings, CHAT_PREFIX)
    return MatrixSource(own, lambda door: Bursts(door, of_bursts))
