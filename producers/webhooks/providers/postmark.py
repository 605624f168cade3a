"""Postmark: JSON with the mail's pieces, and the whole mail where its stream is set up to include it.

Events about mail that was sent (bounces, complaints, openings, …) may come to the same URL.
"""

import re
from typing import Any

from fleet.errors import InvalidTicketError
from producers.webhooks.inbound.assembled import Attached, Headers, assemble, with_defaults
from producers.webhooks.request.posted import Posted
from producers.webhooks.request.shapes import mapping, objects, text, whole

_EVENTS = ("BouncedAt", "DeliveredAt", "FirstOpen", "ClickLocation", "SuppressSending", "ChangedAt")
"""Members that only events have; those of before 2018 do not say their RecordType."""

_PIECES = ("TextBody", "HtmlBody", "RawEmail", "Headers")

_PLAIN = re.compile(r"[\w .'-]+")
"""A name that needs no quotes."""


def is_mine(posted: Posted) -> bool:
    """Tell by the names of its members, which no one else writes in capitals."""
    own = posted.object
    return _is_event(own) or (("MessageID" in own or "RawEmail" in own) and "From" in own)


def mails(posted: Posted) -> list[bytes]:
    """Give the mail; events bring none."""
    own = posted.object
    if _is_event(own):
        return []
    if not is_mine(posted):
        raise InvalidTicketError("no inbound message in Postmark's format")
    if raw := text(own.get("RawEmail")):
        return [raw.encode("utf-8", "replace")]
    return [assemble(_headers(own), text(own.get("TextBody")), text(own.get("HtmlBody")), _attached(own))]


def _is_event(own: dict[str, Any]) -> bool:
    if kind := text(own.get("RecordType")).strip():
        return kind.lower() != "inbound"
    return any(name in own for name in _EVENTS) and not any(name in own for name in _PIECES)


def _headers(own: dict[str, Any]) -> Headers:
    headers = [(text(item.get("Name")), text(item.get("Value"))) for item in objects(own.get("Headers"))]
    return with_defaults(
        headers,
        ("From", _sender(own)),
        ("To", text(own.get("To"))),
        ("Cc", text(own.get("Cc"))),
        ("Reply-To", text(own.get("ReplyTo"))),
        ("Subject", text(own.get("Subject"))),
        ("Date", text(own.get("Date"))),
    )


def _sender(own: dict[str, Any]) -> str:
    full = mapping(own.get("FromFull"))
    name, address = text(full.get("Name")) or text(own.get("FromName")), text(full.get("Email"))
    if not name or not address:
        return address or text(own.get("From"))
    if _PLAIN.fullmatch(name):
        return f"{name} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def _attached(own: dict[str, Any]) -> list[Attached]:
    return [
        Attached.from_base64(
            text(item.get("Name")),
            text(item.get("ContentType")),
            text(item.get("Content")),
            whole(item.get("ContentLength")),
        )
        for item in objects(own.get("Attachments"))
    ]
