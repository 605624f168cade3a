"""One batch of the homeserver, event by event into the bursts; only then does the position move on."""

from datetime import UTC, datetime
from typing import Any

import structlog

from producers.intake.status import Status
from producers.matrix.events.invitations import inviter, is_wanted
from producers.matrix.events.presence import while_present
from producers.matrix.events.reading import Edited, read
from producers.matrix.handing import Handing
from producers.matrix.history import fill_gap
from producers.matrix.position import Position
from producers.matrix.session import Session
from producers.matrix.settings import MatrixSettings

_log = structlog.get_logger("matrix")


class Taking:
    """Takes batches. What it was in the middle of when the process ends is read again, and known again."""

    def __init__(self, handing: Handing, position: Position, status: Status, settings: MatrixSettings) -> None:
        self._handing = handing
        self._position = position
        self._status = status
        self._join = settings.join
        self._ignored = frozenset((settings.user_id, *settings.ignore))
        self._heard = frozenset(settings.hear)

    async def since(self) -> str | None:
        """How far the rooms have been read; None at the first start."""
        return await self._handing.until_done(self._position.since)

    @property
    def position_key(self) -> str:
        """The key whose removal means: begin anew, with what is said from then on."""
        return self._position.key

    async def take(self, session: Session, batch: Any, since: str | None) -> None:
        """Take a batch in, however long the ledger takes; at the first start only its end counts.

        Raises HomeserverError and StoppedError; the batch is then read again.
        """
        seen = {}
        for room, info in (*batch.rooms.join.items(), *batch.rooms.leave.items()):
            if not session.reads(room):
                continue
            if any(event.source["type"] == "m.room.encryption" for event in info.state):
                self._handing.say_encrypted(room)
            if since:
                await self._take_room(session, room, info.timeline, since)
            if info.timeline.events:
                seen[room] = info.timeline.events[-1].source["event_id"]
        for room, info in batch.rooms.invite.items():
            await self._answer_invitation(session, room, info.invite_state)
        await self._handing.until_done(lambda: self._position.advance(batch.next_batch, seen))

    async def _take_room(self, session: Session, room: str, timeline: Any, since: str) -> None:
        last_seen = await self._handing.until_done(lambda: self._position.last_seen(room))
        missed = await fill_gap(session, room, timeline, since=since, last_seen=last_seen, beat=self._status.beat)
        for event in while_present([*missed, *timeline.events], session.me):
            self._status.beat()
            fact = read(event, ignored=self._ignored, heard=self._heard, now=datetime.now(UTC))
            # Homeservers let anybody send an edit of anybody's message.
            if isinstance(fact, Edited) and await session.author_of(room, fact.message_id) != fact.author:
                continue
            await self._handing.hand_in(room, fact)

    async def _answer_invitation(self, session: Session, room: str, invite_state: list[Any]) -> None:
        if is_wanted(room, inviter(invite_state, session.me), self._join, session.rooms):
            await session.join(room)
        else:
            _log.info("invitation_left_open", room=room, message="TRIAGE_MATRIX_JOIN names neither room nor server")
