"""What an event of Slack means: a message, a change of one, or nothing for us."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from producers.chat.post import Post
from producers.slack.hearing import Hearing, Speaker, Unheard, speaker_of
from producers.slack.shapes import inner, word
from producers.slack.words import file_names, words_of

PLATFORM = "slack"

PEOPLE = Hearing()
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
    """Not for us; `why` is for the log, `app` how TRIAGE_SLACK_HEAR would name who said it."""

    why: str
    app: str = ""


Fact: TypeAlias = Said | Edited | Deleted | Ignored

Who: TypeAlias = Callable[[Mapping[str, Any]], Speaker | Unheard]


def read_event(payload: object, hearing: Hearing = PEOPLE) -> Fact:
    """Read the payload of an Events API callback, over HTTP or a socket; whatever it is, the answer is a fact."""
    event = payload.get("event") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(event, Mapping):
        return Ignored("no event")
    if event.get("type") not in ("message", "app_mention"):
        return Ignored("another event")
    channel, team = word(event, "channel"), word(payload, "team_id")
    if not channel or (hearing.channels and channel not in hearing.channels):
        return Ignored("another channel")
    place = f"{team}/{channel}" if team else channel
    return _read_message(event, place, lambda message: speaker_of(message, payload, hearing.apps))


def _read_message(event: Mapping[str, Any], place: str, who: Who) -> Fact:
    match event.get("subtype"):
        case "message_changed":
            return _changed(event, place, who)
        case "message_deleted":
            return _deleted(event, place, who)
        case None | "file_share" | "me_message" | "thread_broadcast" | "bot_message":
            return _said(event, place, who)
        case _:  # joins, topics, reminders
            return Ignored("not said by a person")


def _said(event: Mapping[str, Any], place: str, who: Who) -> Fact:
    speaker, ts = who(event), word(event, "ts")
    at = _time(ts)
    if isinstance(speaker, Unheard):
        return Ignored(speaker.why, speaker.app)
    if at is None:
        return Ignored("no time")
    names, text = file_names(event), words_of(event, is_app=speaker.is_app)
    if not text.strip() and not names:
        return Ignored("no text")
    return Said(Post(PLATFORM, place, speaker.name, ts, text, at, names, _thread(event, speaker)))


def _thread(event: Mapping[str, Any], speaker: Speaker) -> str:
    """Name the conversation: what people answer to an app's message stands in the thread that it begins."""
    thread, ts = word(event, "thread_ts"), word(event, "ts")
    if speaker.is_app:
        return thread or ts
    return "" if thread == ts else thread


def _changed(event: Mapping[str, Any], place: str, who: Who) -> Fact:
    message, before = inner(event, "message"), inner(event, "previous_message")
    if not word(message, "ts"):
        return Ignored("no message")
    speaker = who(message)
    if isinstance(speaker, Unheard):
        return Ignored(speaker.why)
    if message.get("subtype") == "tombstone":  # a deleted message that began a thread
        return Deleted(place, word(message, "ts"))
    text = words_of(message, is_app=speaker.is_app)
    if before and words_of(before, is_app=speaker.is_app) == text:  # Slack has shown a link's preview, say
        return Ignored("its words are the same")
    at = _time(word(inner(message, "edited"), "ts")) or _time(word(event, "ts"))
    return Edited(place, word(message, "ts"), text, at)


def _deleted(event: Mapping[str, Any], place: str, who: Who) -> Fact:
    before = inner(event, "previous_message")
    if not word(event, "deleted_ts"):
        return Ignored("no ts")
    if before and isinstance(who(before), Unheard):
        return Ignored("of somebody who is not heard")
    return Deleted(place, word(event, "deleted_ts"))


def _time(ts: str) -> datetime | None:
    try:
        seconds = float(ts)
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else None
    except (ValueError, OverflowError):
        return None
