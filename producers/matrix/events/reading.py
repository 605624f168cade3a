"""What an event means to us: somebody said something, changed it, took it back, or nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from nio import RedactedEvent  # type: ignore[import-untyped]

from producers.matrix.events.wording import related, word


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote a message."""

    message_id: str
    author: str
    text: str
    at: datetime
    attachments: tuple[str, ...] = ()
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody asks for other words in a message; whether it was their own has to be checked."""

    message_id: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A message is gone, by its author or a moderator; the homeserver has checked that they may."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Wordless:
    """Somebody wrote a message in which no text is found."""

    message_id: str
    author: str
    at: datetime
    content: dict[str, Any]


class Nothing(StrEnum):
    """Why an event is none of our business."""

    NO_MESSAGE = "no_message"
    NOT_A_PERSON = "not_a_person"
    """A bot's message, or our own."""
    EMPTY = "empty"
    ENCRYPTED = "encrypted"


Fact = Said | Edited | TakenBack | Wordless | Nothing


def read(event: Any, *, ignored: frozenset[str], now: datetime, heard: frozenset[str] = frozenset()) -> Fact:
    """Say what an event that nio has parsed means.

    `ignored` are users who are not read, we among them; `heard` those whose notices are.
    """
    source = event.source
    content = source["content"]
    if source["type"] == "m.room.redaction":
        # Where the target stands depends on the room's version.
        target = source.get("redacts") or content.get("redacts")
        return TakenBack(target) if isinstance(target, str) else Nothing.NO_MESSAGE
    if isinstance(event, RedactedEvent) or "state_key" in source:
        return Nothing.NO_MESSAGE
    if source["sender"] in ignored:
        return Nothing.NOT_A_PERSON
    if source["type"] == "m.room.encrypted":
        return Nothing.ENCRYPTED
    if source["type"] != "m.room.message":
        return Nothing.NO_MESSAGE
    return _read_message(source, content, now, is_heard=source["sender"] in heard)


def _read_message(source: dict[str, Any], content: dict[str, Any], now: datetime, *, is_heard: bool) -> Fact:
    event_id, author = source["event_id"], source["sender"]
    is_notice = content.get("msgtype") == "m.notice"  # what programs send, so that programs do not answer each other
    if is_notice and not is_heard:
        return Nothing.NOT_A_PERSON
    if original := related(content, "m.replace"):
        replaced = content.get("m.new_content")
        words = word(replaced) if isinstance(replaced, dict) else None
        return Edited(original, author, words[0]) if words and words[0] else Nothing.EMPTY
    words = word(content)
    if words is None:
        return Wordless(event_id, author, sent_at(source, now), content)
    text, attachments = words
    if not text and not attachments:
        return Nothing.EMPTY
    # A program speaks for somebody else each time: two of its notices are never one ticket.
    thread = related(content, "m.thread") or (event_id if is_notice else "")
    return Said(event_id, author, text, sent_at(source, now), attachments, thread)


def sent_at(source: dict[str, Any], now: datetime) -> datetime:
    """When it was sent, as the sender's homeserver says; but not in the future, whatever that says."""
    try:
        return min(datetime.fromtimestamp(source["origin_server_ts"] / 1000, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
