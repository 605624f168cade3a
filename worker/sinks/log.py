"""The log sink: one structured line per verdict, for teams whose log pipeline is their integration."""

import structlog

from fleet.ledger.decoding import as_object
from fleet.ledger.records import Effect
from fleet.ticket import Ticket
from fleet.verdict import Verdict

_log = structlog.get_logger("verdict")


class LogSink:
    """Writes verdicts to the log; the ticket's text stays out."""

    name = "log"
    state = "on"

    def effect(self, ticket: Ticket, verdict: Verdict) -> Effect:
        """Every verdict is logged."""
        return Effect(f"log:{ticket.id}", self.name, f"log:{ticket.id}", verdict.model_dump_json())

    async def send(self, effect: Effect) -> None:
        """Write the line; its key makes a repeated one recognisable."""
        said = as_object(effect.body) or {}
        taken = ("event", "key", "level", "timestamp")  # names of the line's own, which another release may use
        _log.info("verdict", key=effect.dedup_key, **{name: said[name] for name in said if name not in taken})
