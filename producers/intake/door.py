"""The door of the fleet: a message passes it into the ledger, or its source is told to try again."""

import asyncio
import time

import structlog
from redis.exceptions import RedisError

from fleet.errors import LedgerFullError, LedgerUnavailableError
from fleet.lanes import Lane, Tier, queue_of
from fleet.ledger import AsyncLedger
from fleet.ledger.records import Acceptance, Accepted
from fleet.ledger.transitions import Transition, accept, keep
from fleet.settings import Settings
from fleet.ticket import Ticket
from producers.intake.hinting import Hinting
from producers.intake.metrics import Became, IntakeMetrics
from producers.intake.patience import pause, until_accepted
from producers.intake.pressure import Pressure, read_pressure
from producers.intake.status import Status

_log = structlog.get_logger("intake")

FULL_RETRY_S = 5.0
"""What a source is asked to wait when the ledger is full: workers need seconds, not milliseconds, to make room."""

LOOK_EVERY_S = 1.0
NOT_A_TICKET = "not_a_ticket"


class Door:
    """Where sources hand in what they read. `accept` answers only when the ledger holds the ticket.

    `stop` is set when the process has to end; a source then takes nothing new, ends what it began, and returns.
    """

    def __init__(self, ledger: AsyncLedger, hinting: Hinting, settings: Settings, metrics: IntakeMetrics) -> None:
        self.ledger = ledger
        self.settings = settings
        self.metrics = metrics
        self.status = Status(metrics)
        self.stop = asyncio.Event()
        self.pressure = Pressure(0.0)
        self.hinting = hinting

    async def accept(self, ticket: Ticket, *, key: str, lane: Lane = Lane.NORMAL) -> Acceptance:
        """Take a ticket in: accepted, duplicate or conflict.

        Raises LedgerFullError or LedgerUnavailableError, with `retry_after_s`; nothing is said of the ticket then.
        """
        if self.pressure.is_over(self.settings.memory_full_share):
            self.metrics.message(Became.FULL)
            raise LedgerFullError(
                f"the memory of the ledger's server is {self.pressure.share:.0%} full "
                "(TRIAGE_MEMORY_FULL_SHARE); try again later",
                retry_after_s=FULL_RETRY_S,
            )
        answer = await self._run(
            accept(
                ticket,
                key=key,
                lane=lane,
                max_age_ms=int(self.settings.max_age_h * 3_600_000),
                max_backlog=self.settings.max_backlog,
            )
        )
        if answer.result is Accepted.FULL:
            self.metrics.message(Became.FULL)
            raise LedgerFullError(
                f"{self.settings.max_backlog:,} tickets wait (TRIAGE_MAX_BACKLOG); try again later",
                retry_after_s=FULL_RETRY_S,
            )
        self.metrics.message(Became(answer.result))
        if answer.is_new:
            self.hinting.add(answer.ticket_id, queue_of(Tier.SMALL, lane), answer.at_ms)
            # The ticket's own story says so, too; a line for each would cost a tenth of what an acceptance does.
            _log.debug("accepted", ticket_id=answer.ticket_id, source=ticket.source)
        return answer

    async def keep(self, ticket: Ticket, raw: bytes, *, key: str, error: str, reason: str = NOT_A_TICKET) -> Acceptance:
        """Keep a message that is no ticket, byte for byte, among the dead letters; `ticket` is its text as far as read.

        Raises LedgerUnavailableError; nothing is said of the message then.
        """
        answer = await self._run(keep(ticket, raw, key=key, reason=reason, error=error))
        self.metrics.message(Became.PARKED if answer.is_new else Became(answer.result))
        if answer.is_new:
            _log.warning("parked", ticket_id=answer.ticket_id, source=ticket.source, reason=reason, error=error)
        return answer

    async def accept_patiently(self, ticket: Ticket, *, key: str, lane: Lane = Lane.NORMAL) -> Acceptance | None:
        """Take a ticket in, however long it takes; None where the process has to stop first: it was not taken."""
        return await until_accepted(lambda: self.accept(ticket, key=key, lane=lane), self.stop)

    async def keep_patiently(self, ticket: Ticket, raw: bytes, *, key: str, error: str) -> Acceptance | None:
        """Keep what is no ticket, however long it takes; None where the process has to stop first."""
        return await until_accepted(lambda: self.keep(ticket, raw, key=key, error=error), self.stop)

    async def _run(self, transition: Transition[Acceptance]) -> Acceptance:
        started = time.perf_counter()
        try:
            answer = await self.ledger.run(transition)
        except LedgerUnavailableError:
            self.metrics.message(Became.UNAVAILABLE)
            raise
        self.metrics.accept_seconds.observe(time.perf_counter() - started)
        return answer

    async def watch_pressure(self) -> None:
        """Look at the server's memory once a second until told to stop; the answer also tells that it is there."""
        while not self.stop.is_set():
            try:
                self.pressure = read_pressure(await self.ledger.redis.info("memory"))
                self.metrics.memory_share.set(self.pressure.share)
                self.status.ledger_answered()
            except (RedisError, OSError) as error:
                self.status.ledger_failed(f"{type(error).__name__}: {error}")
            await pause(self.stop, LOOK_EVERY_S)
