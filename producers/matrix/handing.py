"""Handing in what an event means, however long the ledger takes; meanwhile the messages wait on the homeserver."""

import json
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import structlog

from fleet.errors import TransientError
from fleet.ticket import Source, make_ticket
from producers.chat.post import Post
from producers.intake.door import Door
from producers.intake.metrics import Became
from producers.intake.patience import until_accepted
from producers.matrix.events.reading import Edited, Fact, Nothing, Said, TakenBack, Wordless

_log = structlog.get_logger("matrix")

T = TypeVar("T")

PLATFORM = "matrix"


class Posts(Protocol):
    """What is needed of `producers.chat.bursts.Bursts`: durable when it returns, TransientError otherwise."""

    async def add(self, post: Post) -> None:
        """Take a message in; one that is known changes nothing."""
        ...

    async def edit(self, platform: str, place: str, message_id: str, text: str) -> None:
        """Replace what a message says."""
        ...

    async def delete(self, platform: str, place: str, message_id: str) -> None:
        """Take a message out."""
        ...


class StoppedError(Exception):
    """The process has to end before the ledger took the message; it stays with the homeserver."""


class Handing:
    """Hands facts to the bursts. All of it may be done twice: what is known changes nothing."""

    def __init__(self, door: Door, posts: Posts) -> None:
        self._door = door
        self._posts = posts
        self._encrypted: set[str] = set()

    async def hand_in(self, room: str, fact: Fact) -> None:
        """Do what a fact asks for; raises StoppedError."""
        match fact:
            case Said():
                post = to_post(room, fact)
                await self.until_done(lambda: self._posts.add(post))
            case Edited(message_id=edited, text=text):
                await self.until_done(lambda: self._posts.edit(PLATFORM, room, edited, text))
            case TakenBack(message_id=gone):
                await self.until_done(lambda: self._posts.delete(PLATFORM, room, gone))
            case Wordless():
                await self._keep(room, fact)
            case Nothing.ENCRYPTED:
                self._door.metrics.message(Became.IGNORED)
                self.say_encrypted(room)
            case Nothing.NOT_A_PERSON | Nothing.EMPTY:
                self._door.metrics.message(Became.IGNORED)

    def say_encrypted(self, room: str) -> None:
        """Say that a room cannot be read, once for each room."""
        if room not in self._encrypted:
            self._encrypted.add(room)
            _log.warning(
                "room_is_encrypted",
                room=room,
                message="its encrypted messages cannot be read, and become no tickets; use a room without encryption",
            )

    async def until_done(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do it, however long the ledger takes; raises StoppedError."""
        waited = False

        async def attempt() -> tuple[T]:
            nonlocal waited
            try:
                return (await act(),)
            except TransientError as error:
                waited = True
                self._door.status.down(f"messages wait on the homeserver: {error}")
                raise

        answer = await until_accepted(attempt, self._door.stop)
        if answer is None:
            raise StoppedError
        if waited:
            self._door.status.up()
        return answer[0]

    async def _keep(self, room: str, fact: Wordless) -> None:
        ticket = make_ticket(
            source=Source.CHAT,
            body="",
            sender=fact.author,
            conversation=f"{PLATFORM}:{room}",
            received_at=fact.at,
        )
        raw = json.dumps(fact.content).encode()
        key = f"{PLATFORM}:{room}:{fact.message_id}"
        await self.until_done(lambda: self._door.keep(ticket, raw, key=key, error="a message without any text"))


def to_post(room: str, said: Said) -> Post:
    """Say it in the words that all chats share."""
    return Post(
        platform=PLATFORM,
        place=room,
        author=said.author,
        message_id=said.message_id,
        text=said.text,
        at=said.at,
        attachments=said.attachments,
        thread=said.thread,
    )
