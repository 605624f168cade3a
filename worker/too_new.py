"""Tickets of a newer release wait for a worker that can read them, and this one says so without flooding its log."""

from dataclasses import dataclass

import structlog

_log = structlog.get_logger("look")

_SAY_AGAIN_S = 60.0


@dataclass(slots=True)
class TooNew:
    """Says that tickets wait for newer workers: one loud line a minute, however many there are."""

    count: int = 0
    _said_s: float = float("-inf")

    def met(self, ticket_id: str, now_s: float) -> None:
        """Count one, and say it where nothing was said lately."""
        self.count += 1
        if now_s - self._said_s < _SAY_AGAIN_S:
            return
        self._said_s = now_s
        _log.error(
            "tickets_too_new",
            ticket_id=ticket_id,
            met_so_far=self.count,
            message="a newer release wrote this ticket; upgrade this worker. It waits until then: triage status",
        )
