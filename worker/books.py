"""The ledger's invariant, looked at on a timer: accepted = triaged + parked + discarded + open."""

import asyncio

import structlog

from fleet.ledger import Ledger
from fleet.ledger.reading import read_totals

_log = structlog.get_logger("books")

EVERY_S = 600.0


class Bookkeeper:
    """Reads the books in one atomic step; a difference means that a ticket was lost or counted twice."""

    def __init__(self, url: str) -> None:
        self._ledger = Ledger(url)

    async def check(self) -> None:
        """Say in the log when the books do not balance; `triage status` shows the figures."""
        totals = await asyncio.to_thread(read_totals, self._ledger.redis)
        if not totals.is_balanced:
            _log.error(
                "books_do_not_balance",
                accepted=totals.accepted,
                triaged=totals.triaged,
                parked=totals.parked,
                discarded=totals.discarded,
                waiting=totals.waiting,
                message="a ticket may be lost: keep the server's data and run triage status",
            )

    def close(self) -> None:
        """Close the connection."""
        self._ledger.close()
