"""aiosmtpd's protocols with bounds of our own; the one file that knows how they are made inside."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import TYPE_CHECKING, cast

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope

from producers.smtp import replies
from producers.smtp.data import Room, Unfit, read_data
from producers.smtp.handler import Handler

if TYPE_CHECKING:
    from producers.smtp.floor import Floor

# It logs every command, and so addresses.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

_log = structlog.get_logger("smtp")

LINGER_S = 5.0
"""A client that does not read our last words is cut off after so long."""

CALLS = {"NOOP": 100, "EHLO": 50, "HELO": 50, "LHLO": 50, "HELP": 20, "VRFY": 20, "*": 1_000_000}
"""How often a connection may give a command; what does not bring mail could hold it open for ever."""

Deliver = Callable[[bytes, Envelope], Awaitable[str]]
"""Hands a mail to the fleet and answers what its sender is told; raises nothing."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What all connections of one receiver share."""

    handler: Handler
    deliver: Deliver
    unfit: Callable[[Unfit], str]
    room: Room
    max_bytes: int
    timeout_s: float
    hostname: str
    tls: SSLContext | None


class Receiver(SMTP):
    """One connection that speaks SMTP. `is_receiving` from DATA to its answer, which a drain waits for."""

    # aiosmtpd makes this the size of the read buffer. Lines of a mail may be longer; commands may not by far.
    line_length_limit = 64 * 1024

    def __init__(self, manner: Manner, floor: "Floor") -> None:
        super().__init__(
            manner.handler,
            data_size_limit=manner.max_bytes,
            enable_SMTPUTF8=True,
            hostname=manner.hostname,
            ident="triage-fleet",
            tls_context=manner.tls,
            timeout=manner.timeout_s,
            command_call_limit=CALLS,
            loop=asyncio.get_running_loop(),
        )
        # aiosmtpd's own is shared by all connections, and grows with each EHLO of any of them.
        self.command_size_limits = defaultdict(lambda: self.command_size_limit)
        self.is_receiving = False
        self._manner = manner
        self._floor = floor

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a mail. In place of aiosmtpd's own, whose memory for a line that does not end has no bound."""
        if await self.check_helo_needed():
            return
        envelope = cast("Envelope", self.envelope)
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        self.is_receiving = True
        try:
            await self.push(replies.READY)
            reply = await self._receive(envelope)
            self._set_post_data_state()  # type: ignore[no-untyped-call]
            await self.push("\r\n".join([reply] * self._answers_to(envelope)))
        finally:
            self.is_receiving = False
        if self._floor.is_closing:
            self.leave(replies.CLOSING)

    async def _receive(self, envelope: Envelope) -> str:
        manner = self._manner
        with manner.room.portion() as portion:
            raw = await read_data(self._reader, portion, manner.max_bytes, self._reset_timeout)
            self._reset_timeout()
            if raw is Unfit.ENDLESS:
                self.leave(manner.unfit(raw))
                raise asyncio.CancelledError  # as aiosmtpd itself ends a connection
            if isinstance(raw, Unfit):
                return manner.unfit(raw)
            return await manner.deliver(raw, envelope)

    def _answers_to(self, _envelope: Envelope) -> int:
        return 1

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Begin TLS, once."""
        if self._tls_protocol is not None:
            await self.push("503 5.5.1 TLS is on already")
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, _arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Nobody can log in here."""
        await self.push("502 5.5.1 AUTH is not offered")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, on the plain connection and again on TLS."""
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_ended)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._floor.left(self)
        super().connection_lost(error)

    def _timeout_cb(self) -> None:
        self.leave(replies.SILENT)

    def leave(self, last_words: str) -> None:
        """Say a last thing and close; a client that does not read it is cut off."""
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is None or transport.is_closing():
            return
        is_shaking_hands = self._tls_protocol is not None and self.session is not None and self.session.ssl is None
        if is_shaking_hands:
            transport.abort()
            self.connection_lost(None)  # asyncio does not tell of a connection that is lost before its handshake
            return
        transport.write(last_words.encode() + b"\r\n")
        transport.close()
        self.loop.call_later(LINGER_S, transport.abort)

    def cut_off(self) -> None:
        """Close at once, without an answer."""
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()


def _ended(task: "asyncio.Task[None]") -> None:
    # Clients go away at any time, and asyncio would report each as an error that nobody looked at.
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, OSError):
        _log.error("connection_failed", exc_info=error)


class LmtpReceiver(Receiver, LMTP):
    """One connection that speaks LMTP: after DATA each recipient gets an answer of its own, here always the same."""

    def _answers_to(self, envelope: Envelope) -> int:
        return len(envelope.rcpt_tos)
