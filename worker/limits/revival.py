"""Bring back what was parked in doubt: tickets refused, or answered with nonsense, before their model was held.

Once the model answers others again the refusal was not theirs to pay for, or is about to be proven so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog

from fleet.ledger import AsyncLedger, transitions
from fleet.ledger.transitions import Transition

_log = structlog.get_logger("limits")

MOST = 100
"""Tickets of a model that come back at once; the rest follows with the next look."""

EVERY_S = 2.0

_REASONS = ("bad_request", "bad_output", "refusal")
_SCRIPT = (Path(__file__).with_name("scripts") / "doubtful.lua").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Revival:
    """Looks for tickets parked in doubt. Safe in every worker at once: a ticket is replayed only where it is parked."""

    ledger: AsyncLedger
    models: Sequence[str]
    max_age_ms: int
    hint: Callable[[str, str, int], None]

    async def look(self) -> None:
        """Replay what may come back, and hint at it."""
        for model in self.models:
            for ticket_id in await self.ledger.run(_doubtful(model)):
                await self._bring_back(model, ticket_id)

    async def _bring_back(self, model: str, ticket_id: str) -> None:
        reason = cast("bytes | None", await self.ledger.redis.hget(f"tf:t:{ticket_id}", "reason"))
        if reason and reason.decode() in _REASONS:
            replayed = await self.ledger.run(transitions.replay(ticket_id, max_age_ms=self.max_age_ms))
            if replayed.queue is not None:
                _log.info("came_back", ticket_id=ticket_id, model=model, reason=reason.decode())
                self.hint(ticket_id, replayed.queue, replayed.at_ms)
        # Only now: who dies between the two leaves the ticket on the list, and a second replay finds nothing parked.
        await self.ledger.redis.hdel(f"tf:lim:back:{model}", ticket_id)


def _doubtful(model: str) -> Transition[list[str]]:
    text = 'local MODEL = "' + "".join(f"\\{byte:03d}" for byte in model.encode()) + '"\n' + _SCRIPT
    return Transition(f"limits.doubtful.{model}", (MOST,), lambda raw: [one.decode() for one in raw], text)
