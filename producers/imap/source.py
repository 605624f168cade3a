"""`triage ingest imap`: folders of a mailbox, watched side by side until told to stop."""

import asyncio
import random
import ssl
import time
from collections.abc import Callable

import structlog

from fleet.settings import Settings, load_group
from producers.imap.connection import trust
from producers.imap.failures import LoginRefusedError, MailServerError
from producers.imap.session import Session, opened
from producers.imap.settings import PREFIX, ImapSettings, Tls
from producers.imap.standing import Standing
from producers.imap.steps import STEP_S
from producers.intake.door import Door
from producers.intake.own_addresses import own_addresses
from producers.intake.patience import Backoff, pause

_log = structlog.get_logger("imap")

RECONNECT = Backoff(first_s=0.5, longest_s=30.0)
LOG_IN_AGAIN = Backoff(first_s=30.0, longest_s=300.0)

LOOK_AGAIN_S = 1.0
"""Mail that arrives between a search and the IDLE after it may never be announced: so look once more, soon."""


STEADY_S = 60.0
"""A connection that has stood for so long was good: when it is lost, the pauses begin anew."""

LOOKS = Backoff(first_s=0.25, longest_s=5.0)
"""Between looks that a chatty server asks for and that find nothing."""


class ImapSource:
    """Watches the folders that the settings name, each over a connection of its own, as IDLE watches only one."""

    name = "imap"

    def __init__(self, settings: ImapSettings, context: ssl.SSLContext) -> None:
        self._settings = settings
        self._context = context

    async def run(self, door: Door) -> None:
        """Hand mail in until told to stop; a server that fails is asked again."""
        door.status.expect_beats(max(self._settings.poll_s, LOG_IN_AGAIN.longest_s) + 2 * STEP_S)
        standing = Standing(door.status, door.metrics, self._settings.folders)
        await asyncio.gather(*(self._watch(folder, door, standing) for folder in self._settings.folders))

    async def _watch(self, folder: str, door: Door, standing: Standing) -> None:
        tries = 0
        memory = standing.remember(folder)

        def progress(taken: int) -> None:
            nonlocal tries
            tries = 0 if taken else tries
            standing.up(folder)

        def waiting() -> None:
            standing.down(folder, "the ledger takes nothing in for now; mail stays on the server, unmarked")

        while not door.stop.is_set():
            began = time.monotonic()
            try:
                async with opened(self._settings, self._context, folder, door, memory) as session:
                    await self._take_turns(session, door, progress, waiting)
            except MailServerError as error:
                if not door.stop.is_set():
                    standing.down(folder, str(error))
                    tries = 0 if time.monotonic() - began > STEADY_S else tries
                    await pause(door.stop, again_in_s(error, tries, random.random()))  # noqa: S311 - a pause, no secret
                    tries += 1

    async def _take_turns(
        self, session: Session, door: Door, progress: Callable[[int], None], waiting: Callable[[], None]
    ) -> None:
        """Take mail in while there is some, then wait for more."""
        rest_s = 0.0
        in_vain = 0
        while not door.stop.is_set():
            looked_at = time.monotonic()
            if await session.take(progress, waiting):
                rest_s, in_vain = 0.0, 0
                continue
            rest_s = self._settings.poll_s if rest_s else min(LOOK_AGAIN_S, self._settings.poll_s)
            await session.wait(rest_s)
            passed_s = time.monotonic() - looked_at
            in_vain = in_vain + 1 if passed_s < min(rest_s, LOOKS.longest_s) else 0
            await pause(door.stop, max(0.0, LOOKS.delay_s(in_vain, 1.0) - passed_s))


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
