"""What a room said while nobody listened: an answer holds its newest events, and the gap before them is fetched."""

from collections.abc import Callable
from typing import Any

import structlog

from producers.matrix.failures import RefusedError
from producers.matrix.session import Session

_log = structlog.get_logger("matrix")

_GONE = ("M_FORBIDDEN", "M_NOT_FOUND")
"""We are out of the room, or the room is no more: what was not fetched can never be."""


async def fill_gap(
    session: Session, room: str, timeline: Any, *, since: str, last_seen: str | None, beat: Callable[[], None]
) -> list[Any]:
    """Fetch what lies between the token `since` and the timeline, the oldest first; raises HomeserverError.

    The homeserver ends at the token; where one does not, `last_seen` keeps the room's whole history out.
    """
    if not timeline.limited or not timeline.prev_batch:
        return []
    newest_first: list[Any] = []
    start: str | None = timeline.prev_batch
    while start:
        beat()
        try:
            page = await session.earlier(room, start, since)
        except RefusedError as error:
            if error.code not in _GONE:
                raise
            _log.error("gap_not_readable", room=room, fetched=len(newest_first), error=str(error))
            break
        for event in page.chunk:
            if event.source["event_id"] == last_seen:
                return newest_first[::-1]
            newest_first.append(event)
        start = page.end if page.end != start else None
    _log.info("gap_filled", room=room, events=len(newest_first))
    return newest_first[::-1]
