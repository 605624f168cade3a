"""`triage ingest webhooks`: listens for what providers and chats post until told to stop."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from starlette.applications import Starlette

from fleet.settings import Settings, load_group
from producers.chat.bursts import PREFIX as CHAT_PREFIX
from producers.chat.bursts import Bursts, BurstSettings
from producers.intake.door import Door
from producers.intake.own_addresses import own_addresses
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds
from producers.webhooks.app import make_app
from producers.webhooks.inbound.taking import Inbound
from producers.webhooks.messages.signed import make_signers
from producers.webhooks.messages.taking import Messages
from producers.webhooks.settings import PREFIX, WebhookSettings, split
from producers.webhooks.trust.gates import make_gates
from producers.webhooks.trust.once import Once

_log = structlog.get_logger("webhooks")

READERS = 2
"""Threads for large requests, of which each may take many times its size while it is read."""


class WebhookSource:
    """Takes in what is posted by those who can prove who they are."""

    name = "webhooks"

    def __init__(self, own: WebhookSettings, bursts: BurstSettings) -> None:
        self._own = own
        self._bursts = bursts
        self._gates = make_gates(own)
        self._signers = make_signers(split(own.messages_key))

    async def run(self, door: Door) -> None:
        """Take requests until told to stop; bursts that are open then go on with the next process."""
        bursts = Bursts(door, self._bursts)
        closing = asyncio.create_task(bursts.run())
        with ThreadPoolExecutor(READERS, thread_name_prefix="webhooks") as threads:
            serving = asyncio.create_task(self._serve(self._app(door, bursts, threads), door))
            try:
                await asyncio.wait({closing, serving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                door.stop.set()
                await asyncio.gather(closing, serving)

    def _app(self, door: Door, bursts: Bursts, threads: ThreadPoolExecutor) -> Starlette:
        client, own = door.ledger.redis, self._own
        tokens, ids = (Once(client, kind, own.remember_s) for kind in ("token", "id"))
        return make_app(
            Inbound(door, self._gates, tokens, threads, own=own.own, now=time.time),
            Messages(door, bursts, self._signers, ids, window_s=own.tolerance_s, now=time.time),
        )

    async def _serve(self, app: Starlette, door: Door) -> None:
        own = self._own
        bounds = Bounds(max_bytes=own.max_bytes, most_at_once=own.max_at_once)
        await serve_app(app, door, listen=own.listen, bounds=bounds, certificate=own.certificate)


def make_source(settings: Settings) -> WebhookSource:
    """Make the source out of the environment; raises ConfigurationError."""
    found = load_group(WebhookSettings, PREFIX)
    own = found.model_copy(update={"own": own_addresses(found.own, settings, _log)})
    return WebhookSource(own, load_group(BurstSettings, CHAT_PREFIX))
