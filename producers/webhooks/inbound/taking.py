"""Providers' mail into the ledger: 200 when all of a request is held there, 503 as long as it is not."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial

from starlette.responses import Response

from fleet.errors import LedgerFullError
from fleet.ledger.records import Acceptance, Accepted
from fleet.ticket import Source, Ticket
from producers.intake.door import FULL_RETRY_S, Door
from producers.intake.metrics import Became, Refusal
from producers.mail.charsets import decode
from producers.mail.message import MailTicket
from producers.webhooks.answers import closed, refused, taken, wrong
from producers.webhooks.inbound.reading import Found, Read, read_request
from producers.webhooks.providers.registry import PROVIDERS
from producers.webhooks.request.posted import Posted
from producers.webhooks.trust.gates import Gate
from producers.webhooks.trust.once import Claim, Once

QUICK_BYTES = 256 * 1024
"""Up to here reading takes milliseconds; larger requests are read in a thread, so that others are not held up."""

SHOWN_CHARS = 4_000


class Inbound:
    """Takes in what believed providers post. `once` remembers tokens; `own` are our addresses; `now` is in seconds."""

    def __init__(
        self,
        door: Door,
        gates: Mapping[str, Gate],
        once: Once,
        threads: Executor,
        *,
        own: frozenset[str] = frozenset(),
        now: Callable[[], float],
    ) -> None:
        self._door = door
        self._gates = gates
        self._once = once
        self._threads = threads
        self._own = own
        self._now = now

    def is_open(self, name: str) -> bool:
        """Whether a provider is configured."""
        return name in self._gates

    async def take(self, name: str, posted: Posted) -> Response:
        """Take a request in; raises TransientError when not all of it is held."""
        gate = self._gates.get(name)
        if gate is None:
            self._door.metrics.refused(Refusal.UNKNOWN)
            return closed("this provider")
        found = await self._read(posted, name, gate)
        if isinstance(found, Refusal):
            self._door.metrics.refused(found)
            return refused(found)
        if not posted.body:
            self._door.metrics.message(Became.REJECTED)
            return wrong(400, "empty", "the request has no body")
        return await self._once_only(found) if found.token else await self._take_all(found)

    async def _read(self, posted: Posted, name: str, gate: Gate) -> Found | Refusal:
        read = partial(read_request, posted, PROVIDERS[name], gate, now=self._now(), own=self._own)
        if len(posted.body) <= QUICK_BYTES:
            return read()
        return await asyncio.get_running_loop().run_in_executor(self._threads, read)

    async def _once_only(self, found: Found) -> Response:
        claim = await self._once.claim(found.token, found.content)
        if claim in (Claim.DONE, Claim.OTHER):
            self._door.metrics.refused(Refusal.REPLAYED)
            return refused(Refusal.REPLAYED)
        answer = await self._take_all(found)
        await self._once.done(found.token, found.content)
        return answer

    async def _take_all(self, found: Found) -> Response:
        if not found.mails:
            self._door.metrics.message(Became.IGNORED)
        answers = [await self._take(mail) for mail in found.mails]
        return taken(mails=[{"ticket": answer.ticket_id, "result": answer.result.value} for answer in answers])

    async def _take(self, mail: Read) -> Acceptance:
        if not isinstance(mail.outcome, MailTicket):
            return await self._keep(mail.raw, mail.outcome.reason)
        answer = await self._door.accept(mail.outcome.ticket, key=mail.outcome.key)
        if answer.result is Accepted.CONFLICT:
            return await self._keep(mail.raw, f"its key is taken by another ticket: {answer.ticket_id}")
        return answer

    async def _keep(self, raw: bytes, why: str) -> Acceptance:
        # Its sender can wait, and it may be large.
        if self._door.pressure.is_over(self._door.settings.memory_full_share):
            self._door.metrics.message(Became.FULL)
            raise LedgerFullError("the memory of the ledger's server is nearly full", retry_after_s=FULL_RETRY_S)
        text = decode(raw[: 4 * SHOWN_CHARS], "utf-8")[:SHOWN_CHARS]
        ticket = Ticket(source=Source.MAIL, body=text, received_at=datetime.fromtimestamp(self._now(), UTC))
        return await self._door.keep(ticket, raw, key=f"webhook:{hashlib.sha256(raw).hexdigest()}", error=why)
