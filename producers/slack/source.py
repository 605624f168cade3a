"""`triage ingest slack`: over HTTP or Socket Mode, into bursts."""

import asyncio

import structlog

from fleet.doubts import bare_addresses
from fleet.settings import Settings, load_group
from producers.chat.bursts import PREFIX as CHAT_PREFIX
from producers.chat.bursts import Bursts, BurstSettings
from producers.intake.door import Door
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds
from producers.slack.requests import Requests
from producers.slack.settings import PREFIX, Mode, SlackSettings
from producers.slack.socket_mode import listen

_log = structlog.get_logger("slack")


class SlackSource:
    """Takes what people write in Slack."""

    name = "slack"

    def __init__(self, settings: SlackSettings, bursts: BurstSettings) -> None:
        self._settings = settings
        self._bursts = bursts

    async def run(self, door: Door) -> None:
        """Take messages in until told to stop; bursts that are open then go on with the next process."""
        bursts = Bursts(door, self._bursts)
        closing = asyncio.create_task(bursts.run())
        taking = asyncio.create_task(self._take(door, bursts))
        try:
            await asyncio.wait({closing, taking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            door.stop.set()
            await asyncio.gather(closing, taking)

    async def _take(self, door: Door, bursts: Bursts) -> None:
        own = self._settings
        if own.mode is Mode.HTTP and own.signing_secret is not None:
            app = Requests(door, bursts, own.signing_secret.get_secret_value(), own.hearing).app()
            await serve_app(app, door, listen=own.listen, bounds=Bounds(max_bytes=own.max_bytes))
        elif own.app_token is not None:
            token = own.app_token.get_secret_value()
            await listen(door, bursts, app_token=token, api_url=own.api_url, hearing=own.hearing)


def make_source(_settings: Settings) -> SlackSource:
    """Make the source out of the environment; raises ConfigurationError."""
    own = load_group(SlackSettings, PREFIX)
    for doubt in bare_addresses(own, PREFIX):
        _log.warning("unencrypted", message=doubt)
    return SlackSource(own, load_group(BurstSettings, CHAT_PREFIX))
