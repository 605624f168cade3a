"""`triage ingest imap`: folders of a mailbox, watched side by side until told to stop."""

import asyncio
import random
import ssl
from collections.abc import Callable

import structlog

from fleet.settings import Settings, load_group
from producers.imap.connection import trust
from producers.imap.failures import LoginRefusedError, MailServerError
from producers.imap.session import STEP_S, Session, opened
from producers.imap.settings import PREFIX, ImapSettings, Tls
from producers.imap.suspects import Suspects
from producers.intake.door import Door
from producers.intake.own_addresses import own_addresses
from producers.intake.patience import Backoff, pause
from producers.intake.status import Status

_log = structlog.get_logger("imap")

RECONNECT = Backoff(first_s=0.5, longest_s=30.0)
LOG_IN_AGAIN = Backoff(first_s=30.0, longest_s=300.0)

LOOK_AGAIN_S = 1.0
"""Mail that arrives between a search and the IDLE after it may never be announced: so look once more, soon."""


class Standing:
    """What several folders have to say about one source: it is up when all of them are."""

    def __init__(self, status: Status, folders: tuple[str, ...]) -> None:
        self._status = status
        self._troubles = dict.fromkeys(folders, "starting")

    def up(self, folder: str) -> None:
        """Say that mail in this folder comes in."""
        self._troubles.pop(folder, None)
        self._tell()

    def down(self, folder: str, detail: str) -> None:
        """Say why it does not."""
        self._troubles[folder] = detail
        self._tell()

    def _tell(self) -> None:
        if self._troubles:
            self._status.down("; ".join(dict.fromkeys(self._troubles.values())))
        else:
            self._status.up("watching the mailbox")


class ImapSource:
    """Watches the folders that the settings name, each over a connection of its own, as IDLE watches only one."""

    name = "imap"

    def __init__(self, settings: ImapSettings, context: ssl.SSLContext) -> None:
        self._settings = settings
        self._context = context

    async def run(self, door: Door) -> None:
        """Hand mail in until told to stop; a server that fails is asked again."""
        door.status.expect_beats(max(self._settings.poll_s, LOG_IN_AGAIN.longest_s) + 2 * STEP_S)
        standing = Standing(door.status, self._settings.folders)
        await asyncio.gather(*(self._watch(folder, door, standing) for folder in self._settings.folders))

    async def _watch(self, folder: str, door: Door, standing: Standing) -> None:
        tries = 0
        suspects = Suspects(folder)

        def progress() -> None:
            nonlocal tries
            tries = 0
            standing.up(folder)

        def waiting() -> None:
            standing.down(folder, "the ledger takes nothing in for now; mail stays on the server, unmarked")

        while not door.stop.is_set():
            try:
                async with opened(self._settings, self._context, folder, door, suspects) as session:
                    await self._take_turns(session, door, progress, waiting)
            except MailServerError as error:
                if not door.stop.is_set():
                    standing.down(folder, str(error))
                    await pause(door.stop, again_in_s(error, tries, random.random()))  # noqa: S311 - a pause, no secret
                    tries += 1

    async def _take_turns(
        self, session: Session, door: Door, progress: Callable[[], None], waiting: Callable[[], None]
    ) -> None:
        """Take mail in while there is some, then wait for more."""
        rest_s = 0.0
        while not door.stop.is_set():
            if await session.take(progress, waiting):
                rest_s = 0.0
            else:
                rest_s = self._settings.poll_s if rest_s else min(LOOK_AGAIN_S, self._settings.poll_s)
                await session.wait(rest_s)


def again_in_s(error: MailServerError, tries: int, chance: float) -> float:
    """Say when to try again after so many failures; `chance` is random, from 0 to 1."""
    backoff = LOG_IN_AGAIN if isinstance(error, LoginRefusedError) else RECONNECT
    return backoff.delay_s(tries, chance, error.retry_after_s)


def make_source(settings: Settings) -> ImapSource:
    """Make the source out of the environment; raises ConfigurationError."""
    found = load_group(ImapSettings, PREFIX)
    own = found.model_copy(update={"own": own_addresses(found.own, settings, _log)})
    if own.tls is Tls.PLAIN:
        _log.warning("unencrypted", message="TRIAGE_IMAP_TLS=plain: mail and login can be read on their way")
    return ImapSource(own, trust(own))
