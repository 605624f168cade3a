"""From the bytes of a mail to what its sender is told: a ticket accepted, the mail kept, or try again."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime

import structlog
from aiosmtpd.smtp import Envelope

from fleet.errors import LedgerFullError, TransientError
from fleet.ledger.records import Accepted
from fleet.ticket import Source, Ticket
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.mail.charsets import decode
from producers.mail.message import MailTicket, read_mail
from producers.rejection import Rejected
from producers.smtp import replies

_log = structlog.get_logger("smtp")

QUICK_BYTES = 256 * 1024
"""Up to here reading a mail takes milliseconds; longer ones are read in a thread, so that others are not held up."""

SHOWN_CHARS = 4_000


class Delivery:
    """Hands mails to the ledger. `threads` reads the large ones; `own` are our addresses, in small letters."""

    def __init__(
        self,
        door: Door,
        threads: Executor,
        own: frozenset[str] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._door = door
        self._threads = threads
        self._own = own
        self._now = now

    async def deliver(self, raw: bytes, envelope: Envelope) -> str:
        """Take one mail in and answer what its sender is told: 250 only when the ledger holds it."""
        if not raw.strip(b" \t\r\n\0"):
            self._door.metrics.message(Became.REJECTED)
            return replies.EMPTY
        sender = envelope.mail_from or ""
        try:
            return await self._take(raw, sender, envelope.rcpt_tos)
        except LedgerFullError:
            return replies.FULL
        except TransientError:
            return replies.AWAY
        except Exception:  # noqa: BLE001 - whatever it is, the sender must keep the mail
            _log.exception("delivery_failed")
            return replies.BROKEN

    async def _take(self, raw: bytes, sender: str, recipients: Sequence[str]) -> str:
        found = await self._read(with_envelope(raw, sender, recipients))
        if isinstance(found, Rejected):
            return await self._keep(raw, sender, found.reason)
        answer = await self._door.accept(found.ticket, key=found.key)
        if answer.result is Accepted.CONFLICT:
            return await self._keep(raw, sender, f"its id is taken by a ticket with other content: {answer.ticket_id}")
        return replies.taken(answer)

    async def _read(self, raw: bytes) -> MailTicket | Rejected:
        if len(raw) <= QUICK_BYTES:
            return self._parse(raw)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._parse, raw)

    def _parse(self, raw: bytes) -> MailTicket | Rejected:
        return read_mail(raw, now=self._now(), own=self._own)

    async def _keep(self, raw: bytes, sender: str, why: str) -> str:
        # Its sender can wait, and it may be large.
        if self._door.pressure.is_over(self._door.settings.memory_full_share):
            self._door.metrics.message(Became.FULL)
            return replies.FULL
        text = decode(raw[: 4 * SHOWN_CHARS], "utf-8")[:SHOWN_CHARS]
        ticket = Ticket(source=Source.MAIL, body=text, sender=sender, received_at=self._now())
        return replies.kept(
            await self._door.keep(ticket, raw, key=f"smtp:{hashlib.sha256(raw).hexdigest()}", error=why)
        )


def with_envelope(raw: bytes, sender: str, recipients: Sequence[str] = ()) -> bytes:
    """Note the envelope in the mail as the last server on its way does: Return-Path, and a Delivered-To for each of us.

    An empty sender is one clue of a bounce; by its recipient a group of ours is known. An older Return-Path stands
    behind ours, and does not count.
    """
    notes = [
        f"Return-Path: <{sender.strip('<>')}>",
        *(f"Delivered-To: {address.strip('<>')}" for address in recipients),
    ]
    return "".join(f"{note}\r\n" for note in notes).encode("utf-8", "surrogateescape") + raw.lstrip()
