"""Who is heard: people always, ourselves never, and the apps, workflow forms and mails that a setting names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from producers.slack.shapes import inner, rows, word
from producers.slack.words import mails_in

WORKFLOWS, EMAIL = "workflows", "email"

_SLACKBOT = "USLACKBOT"
_NAME = re.compile(r"(?:[AB]|Wf)[A-Z0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Hearing:
    """`channels` are ids, all where there is none. `apps` are ids of apps, bots and workflows, or the two words."""

    channels: frozenset[str] = frozenset()
    apps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says a message; an app speaks for somebody else each time, so two of its messages are never one."""

    name: str
    is_app: bool = False


@dataclass(frozen=True, slots=True)
class Unheard:
    """Somebody who is not heard; `app` says how to name it in the setting, '' where nothing can be done."""

    why: str
    app: str = ""


def checked_names(names: frozenset[str]) -> frozenset[str]:
    """Check what the setting names; raises ValueError, without the name: it may be a token in the wrong place."""
    if any(name not in (WORKFLOWS, EMAIL) and not _NAME.fullmatch(name) for name in names):
        raise ValueError(f"names are ids of apps (A…), bots (B…) and workflows (Wf…), or {WORKFLOWS}, or {EMAIL}")
    return names


def speaker_of(message: Mapping[str, Any], payload: Mapping[str, Any], heard: frozenset[str]) -> Speaker | Unheard:
    """Tell who says a message; `payload` is what Slack wrapped it in, and tells who we are."""
    if _is_ours(message, payload):
        return Unheard("ourselves")
    author = word(message, "user")
    if author == _SLACKBOT:
        return _mail(message, heard)
    if not _is_bot(message):
        return Speaker(author) if author else Unheard("neither a person nor an app")
    names = _names(message)
    if not names & heard and not (WORKFLOWS in heard and _is_workflow(message)):
        return Unheard("an app that is not heard", ", ".join(sorted(names)))
    profile = inner(message, "bot_profile")
    shown = author or word(message, "username") or word(profile, "name") or word(message, "bot_id")
    return Speaker(shown or "app", is_app=True)


def _is_ours(message: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Whether we wrote it: what we say must never come back to us as a customer's words."""
    us = {word(row, "user_id") for row in rows(payload, "authorizations") if row.get("is_bot")}
    app = word(payload, "api_app_id")
    said_by = {word(message, "app_id"), word(inner(message, "bot_profile"), "app_id")}
    return (bool(app) and app in said_by) or (bool(word(message, "user")) and word(message, "user") in us)


def _is_bot(message: Mapping[str, Any]) -> bool:
    return bool(message.get("bot_id") or message.get("bot_profile") or message.get("subtype") == "bot_message")


def _is_workflow(message: Mapping[str, Any]) -> bool:
    profile = inner(message, "bot_profile")
    return bool(profile.get("is_workflow_bot") or word(message, "workflow_id") or word(profile, "workflow_id"))


def _names(message: Mapping[str, Any]) -> set[str]:
    profile = inner(message, "bot_profile")
    own = [word(message, name) for name in ("bot_id", "app_id", "workflow_id")]
    return set(filter(None, (*own, *(word(profile, name) for name in ("id", "app_id", "workflow_id")))))


def _mail(message: Mapping[str, Any], heard: frozenset[str]) -> Speaker | Unheard:
    mails = mails_in(message)
    if not mails:
        return Unheard("Slackbot")
    if EMAIL not in heard:
        return Unheard("a mail to the channel", EMAIL)
    senders = rows(mails[0], "from")
    address = word(senders[0], "address") or word(senders[0], "original") if senders else ""
    return Speaker(address or EMAIL, is_app=True)
