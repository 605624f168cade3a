"""`triage ingest smtp`: listens for a mail server's deliveries until told to stop."""

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from fleet.errors import ConfigurationError
from fleet.settings import Settings, load_group
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.intake.own_addresses import own_addresses
from producers.smtp import replies
from producers.smtp.data import Room, Unfit
from producers.smtp.delivery import Delivery
from producers.smtp.floor import Entrance, Floor
from producers.smtp.handler import Handler
from producers.smtp.protocol import LmtpReceiver, Manner, Receiver
from producers.smtp.settings import PREFIX, SmtpSettings, Speaks

_log = structlog.get_logger("smtp")

READERS = 2
"""Threads for large mails, of which each may take many times its size while it is read."""

SOCKET_MODE = 0o666
"""Who may deliver is settled by who may enter the folder of the socket."""


class SmtpSource:
    """Listens where the settings say, and hands in what is delivered."""

    name = "smtp"

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._tls = _tls(settings)

    async def run(self, door: Door) -> None:
        """Take mail until told to stop; mails under way get their true answer."""
        with ThreadPoolExecutor(READERS, thread_name_prefix="mail") as threads:
            floor = self._floor(door, Delivery(door, threads, self._settings.own))
            server = await self._listen(lambda: Entrance(floor))
            door.status.up(f"listening on {self._settings.listen}")
            try:
                await door.stop.wait()
                server.close()
                door.status.down("draining")
                await floor.close()
            finally:
                server.close()
                floor.cut_off()

    def _floor(self, door: Door, delivery: Delivery) -> Floor:
        own = self._settings
        manner = Manner(
            handler=Handler(own.recipients, require_tls=own.require_tls, refused=door.metrics.refused),
            deliver=delivery.deliver,
            unfit=lambda why: _refuse(door, why, own.max_bytes),
            room=Room(own.max_bytes_in_flight),
            max_bytes=own.max_bytes,
            timeout_s=own.timeout_s,
            hostname=own.hostname,
            tls=self._tls,
        )
        kind = LmtpReceiver if own.protocol is Speaks.LMTP else Receiver
        return Floor(
            lambda floor: kind(manner, floor),
            peers=own.peers,
            room_for=own.max_connections,
            refused=door.metrics.refused,
        )

    async def _listen(self, make: Callable[[], Entrance]) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            if not self._settings.socket_path:
                return await loop.create_server(make, *self._settings.host_and_port)
            server = await loop.create_unix_server(make, self._settings.socket_path)
            _open_to_all(self._settings.socket_path)
        except OSError as error:
            raise ConfigurationError(f"TRIAGE_SMTP_LISTEN: cannot listen on {self._settings.listen}: {error}") from None
        else:
            return server


def _open_to_all(path: str) -> None:
    Path(path).chmod(SOCKET_MODE)


def _refuse(door: Door, why: Unfit, max_bytes: int) -> str:
    if why is Unfit.NO_ROOM:
        door.metrics.message(Became.FULL)
        return replies.BUSY
    door.metrics.message(Became.REJECTED)
    return replies.too_big(max_bytes)


def _tls(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.cert_file is None or settings.key_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    except OSError as error:  # SSLError is one, too
        raise ConfigurationError(
            f"TRIAGE_SMTP_CERT_FILE, TRIAGE_SMTP_KEY_FILE: no certificate and key can be read there: {error}"
        ) from None
    return context


def make_source(settings: Settings) -> SmtpSource:
    """Make the source out of the environment."""
    found = load_group(SmtpSettings, PREFIX)
    return SmtpSource(found.model_copy(update={"own": own_addresses(found.own, settings, _log)}))
