"""What an event of Slack means: a message, a change of one, or nothing for us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from producers.chat.post import Post
from producers.slack.text import plain

PLATFORM = "slack"

_SLACKBOT = "USLACKBOT"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote a message."""

    post: Post


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed one; `at` is when, None where Slack does not say."""

    place: str
    message_id: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message is gone."""

    place: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Not for us; `why` is for the log."""

    why: str


Fact: TypeAlias = Said | Edited | Deleted | Ignored


def read_event(payload: object, channels: frozenset[str] = frozenset()) -> Fact:
    """Read the payload of an Events API callback, over HTTP or a socket; whatever it is, the answer is a fact."""
    event = payload.get("event") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(event, Mapping):
        return Ignored("no event")
    if event.get("type") not in ("message", "app_mention"):
        return Ignored("another event")
    channel, team = _word(event, "channel"), _word(payload, "team_id")
    if not channel or (channels and channel not in channels):
        return Ignored("another channel")
    return _read_message(event, f"{team}/{channel}" if team else channel, _own(payload))


def _read_message(event: Mapping[str, Any], place: str, own: frozenset[str]) -> Fact:
    match event.get("subtype"):
        case "message_changed":
            return _changed(event, place, own)
        case "message_deleted":
            return _deleted(event, place, own)
        case None | "file_share" | "me_message" | "thread_broadcast":
            return _said(event, place, own)
        case _:  # joins, topics, reminders, bots
            return Ignored("not said by a person")


def _said(event: Mapping[str, Any], place: str, own: frozenset[str]) -> Fact:
    ts, author = _word(event, "ts"), _word(event, "user")
    at = _time(ts)
    if at is None or not author:
        return Ignored("neither a time nor a person")
    if _is_bot(event, own):
        return Ignored("a bot, or ourselves")
    thread = _word(event, "thread_ts")
    names, text = _files(event), _text(event)
    if not text.strip() and not names:
        return Ignored("no text")
    return Said(Post(PLATFORM, place, author, ts, text, at, names, "" if thread == ts else thread))


def _changed(event: Mapping[str, Any], place: str, own: frozenset[str]) -> Fact:
    message, before = _inner(event, "message"), _inner(event, "previous_message")
    if not _word(message, "ts"):
        return Ignored("no message")
    if _is_bot(message, own):
        return Ignored("a bot, or ourselves")
    if message.get("subtype") == "tombstone":  # a deleted message that began a thread
        return Deleted(place, _word(message, "ts"))
    if before and _text(before) == _text(message):  # Slack has shown a link's preview, say
        return Ignored("its words are the same")
    at = _time(_word(_inner(message, "edited"), "ts")) or _time(_word(event, "ts"))
    return Edited(place, _word(message, "ts"), _text(message), at)


def _deleted(event: Mapping[str, Any], place: str, own: frozenset[str]) -> Fact:
    if not _word(event, "deleted_ts"):
        return Ignored("no ts")
    if _is_bot(_inner(event, "previous_message"), own):
        return Ignored("a bot, or ourselves")
    return Deleted(place, _word(event, "deleted_ts"))


def _text(message: Mapping[str, Any]) -> str:
    """What a message says, and the message that it shares with it (a forwarded one has no text of its own)."""
    shared = (row for row in _rows(message, "attachments") if row.get("is_share"))
    parts = (_word(message, "text"), *(_word(row, "text") or _word(row, "fallback") for row in shared))
    return "\n".join(plain(part) for part in parts if part.strip())


def _is_bot(message: Mapping[str, Any], own: frozenset[str]) -> bool:
    author = message.get("user")
    return bool(message.get("bot_id") or message.get("bot_profile") or author == _SLACKBOT or author in own)


def _own(payload: Mapping[str, Any]) -> frozenset[str]:
    """The users that we are: Slack names with each event on whose behalf it is sent."""
    return frozenset(_word(row, "user_id") for row in _rows(payload, "authorizations") if row.get("is_bot"))


def _files(event: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_word(row, "name") or _word(row, "title") or "file" for row in _rows(event, "files"))


def _time(ts: str) -> datetime | None:
    try:
        seconds = float(ts)
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None
    except (ValueError, OverflowError):
        return None


def _word(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _inner(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def _rows(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    given = values.get(name)
    return [row for row in given[:100] if isinstance(row, Mapping)] if isinstance(given, list) else []
