"""What bursts ask of the server, as values that the ledger's runner carries out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from fleet.ledger.transitions import Transition
from producers.chat.post import Post
from producers.chat.scripts import script
from producers.chat.settings import BurstSettings

T = TypeVar("T")

LEASE_MS = 5_000
"""Who closes a burst has so long; then another one may, and the ledger recognises what is told to it twice."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A burst that is to become a ticket, or has become one and was changed since: its messages as they read now."""

    burst: str
    rev: int
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Bursts to close now, and in how many ms the next one is; None where there is none."""

    frozen: tuple[Frozen, ...]
    next_ms: int | None


def add(post: Post, burst: str, settings: BurstSettings, *, max_backlog: int) -> Transition[str]:
    """Put a message into the open burst of its line, or a new one of this id: added, ended, known, deleted, full."""
    return _make(
        "add",
        _word,
        post.line,
        post.name,
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


def edit(message: str, text: str, settings: BurstSettings, *, at: datetime | None) -> Transition[str]:
    """Replace the text of the message of this name: the state of its burst, early (not here yet), late, or old."""
    at_ms = 0 if at is None else int(at.timestamp() * 1000)
    return _make("edit", _word, message, text, at_ms, int(settings.remember_s * 1000))


def delete(message: str, settings: BurstSettings) -> Transition[str]:
    """Take the message of this name out: the state of its burst, or early, known, late."""
    return _make("delete", _word, message, int(settings.remember_s * 1000))


def freeze(*, limit: int = 50) -> Transition[Due]:
    """Take the bursts that are due."""
    return _make("freeze", _due, limit, LEASE_MS)


def settle(frozen: Frozen, *, remember_ms: int) -> Transition[str]:
    """Note that the ledger holds a burst, as read: settled, changed (it is due again) or gone; 0 forgets it."""
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


def _frozen(burst: bytes, rev: bytes, posts: list[bytes], edits: list[bytes]) -> Frozen:
    texts = {name: edit.partition(b"=")[2].decode() for name, edit in zip(edits[::2], edits[1::2], strict=True)}
    named = zip(posts[::2], map(Post.load, posts[1::2]), strict=True)
    read = (replace(post, text=texts.get(name, post.text)) for name, post in named)
    return Frozen(
        burst.decode(), int(rev or 0), tuple(sorted(read, key=lambda post: (post.at.timestamp(), post.message_id)))
    )
