"""What a message says: its plain text and the names of what hangs on it, out of an event's content."""

import re
from typing import Any

from producers.mail.html_text import html_to_text

MAX_NAME_CHARS = 255

_MEDIA = ("m.image", "m.file", "m.video", "m.audio")

_REPEATED = re.compile(r"<mx-reply>.*?</mx-reply>", re.DOTALL | re.IGNORECASE)

# "> <@anna:example.org> what she said", and "> * <@anna:example.org> waves" where she said it with /me.
_FALLBACK = re.compile(r"> (\* )?<@[^>\n]*>")


def word(content: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """Answer text and attachment names; None where there is no text in a place where it has to be."""
    body, kind = content.get("body"), content.get("msgtype")
    if not isinstance(body, str):
        return None
    if kind in _MEDIA:
        return _media(content, body)
    if kind == "m.location":
        return _location(content, body), ()
    text = (own_words(body) if is_reply(content) else body).strip() or _formatted(content)
    return (f"* {text}" if kind == "m.emote" and text else text), ()


def _formatted(content: dict[str, Any]) -> str:
    """The words of a message that has them in its formatted body alone, as some bridges send it."""
    html = content.get("formatted_body")
    return html_to_text(_REPEATED.sub("", html)) if isinstance(html, str) else ""


def own_words(body: str) -> str:
    """Take away the lines that a reply repeats of the message that it answers, for programs that show no replies."""
    if not _FALLBACK.match(body):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n")


def is_reply(content: dict[str, Any]) -> bool:
    """Whether it answers another message."""
    return "m.in_reply_to" in relation(content)


def relation(content: dict[str, Any]) -> dict[str, Any]:
    """What ties it to other events; empty where nothing does."""
    found = content.get("m.relates_to")
    return found if isinstance(found, dict) else {}


def related(content: dict[str, Any], kind: str) -> str:
    """The event that it is tied to in this way, or an empty text."""
    found = relation(content)
    event_id = found.get("event_id") if found.get("rel_type") == kind else None
    return event_id if isinstance(event_id, str) else ""


def _media(content: dict[str, Any], body: str) -> tuple[str, tuple[str, ...]]:
    """With a `filename` of its own, the body is a caption; without one, it is the file's name."""
    name = content.get("filename")
    if not isinstance(name, str) or not name.strip():
        return "", (_name(body),)
    return ("" if body == name else body.strip()), (_name(name),)


def _name(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME_CHARS] or "unnamed"


def _location(content: dict[str, Any], body: str) -> str:
    place = content.get("geo_uri")
    return f"Location: {body.strip()}" + (f" ({place[:MAX_NAME_CHARS]})" if isinstance(place, str) else "")
