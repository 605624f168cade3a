"""What bursts ask of the server, as values that the ledger's runner carries out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fleet.ledger.transitions import Transition
from producers.chat.post import Post, message_name
from producers.chat.scripts import script
from producers.chat.settings import BurstSettings

T = TypeVar("T")

LEASE_MS = 5_000
"""Who closes a burst has so long; then another one may, and the ledger recognises what is told to it twice."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A burst that is to become a ticket (or has become one, and was changed since): its messages, edits in place."""

    burst: str
    rev: int
    posts: tuple[Post, ...]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """Bursts to close now, and in how many ms the next one is; None where there is none."""

    frozen: tuple[Frozen, ...]
    next_ms: int | None


def add(post: Post, burst: str, settings: BurstSettings, *, max_backlog: int) -> Transition[str]:
    """Put a message into the open burst of its line, or into a new one of this id: added, known, deleted, full."""
    return _make(
        "add",
        _word,
        post.line,
        post.name,
        post.message_id,
        post.dump(),
        post.size_bytes,
        burst,
        int(settings.quiet_s * 1000),
        int(settings.longest_s * 1000),
        settings.max_messages,
        settings.max_bytes,
        int(settings.remember_s * 1000),
        max_backlog,
    )


def edit(platform: str, place: str, message_id: str, text: str, settings: BurstSettings) -> Transition[str]:
    """Replace a message's text: the state of its burst, or early (it has not come yet), or late."""
    name = message_name(platform, place, message_id)
    return _make("edit", _word, name, message_id, text, int(settings.remember_s * 1000))


def delete(platform: str, place: str, message_id: str, settings: BurstSettings) -> Transition[str]:
    """Take a message out: the state of its burst, or early, or late."""
    name = message_name(platform, place, message_id)
    return _make("delete", _word, name, message_id, int(settings.remember_s * 1000))


def freeze(*, limit: int = 50) -> Transition[Due]:
    """Take the bursts that are due."""
    return _make("freeze", _due, limit, LEASE_MS)


def settle(frozen: Frozen, *, remember_ms: int) -> Transition[str]:
    """Note that the ledger holds a burst, as read: settled, or changed (it is due again); 0 forgets it."""
    return _make("settle", _word, frozen.burst, frozen.rev, remember_ms)


def _make(name: str, read: Callable[[Any], T], *args: str | int) -> Transition[T]:
    full_name, text = script(name)
    return Transition(full_name, args, read, text)


def _word(raw: Any) -> str:
    return str(raw[0].decode())


def _due(raw: Any) -> Due:
    parts = raw[1:]
    frozen = (_frozen(*parts[i : i + 4]) for i in range(0, len(parts), 4))
    return Due(tuple(frozen), None if raw[0] < 0 else int(raw[0]))


def _frozen(burst: bytes, rev: bytes, posts: list[bytes], texts: list[bytes]) -> Frozen:
    read = sorted((Post.load(post) for post in posts[1::2]), key=lambda post: (post.at, post.message_id))
    edits = {key.decode(): text.decode() for key, text in zip(texts[::2], texts[1::2], strict=True)}
    return Frozen(burst.decode(), int(rev), tuple(read), edits)
