"""Mandrill (Mailchimp Transactional): a form with one field, a list of events; those that are inbound hold a mail."""

from typing import Any

from fleet.errors import InvalidTicketError
from producers.webhooks.inbound.assembled import Attached, Headers, assemble, with_defaults
from producers.webhooks.request.posted import Posted, parse_json
from producers.webhooks.request.shapes import mapping, objects, text, texts

EVENTS = "mandrill_events"


def is_mine(posted: Posted) -> bool:
    """Tell by the name of its field."""
    return EVENTS in posted.form


def mails(posted: Posted) -> list[bytes]:
    """Give the mails of its events; events about mail that was sent bring none."""
    if not is_mine(posted):
        raise InvalidTicketError("no events in Mandrill's format")
    events = parse_json(posted.form.text(EVENTS))
    if not isinstance(events, list):
        raise InvalidTicketError("Mandrill's events are no list")
    inbound = (mapping(event.get("msg")) for event in objects(events) if event.get("event") == "inbound")
    return [_mail(message) for message in inbound]


def _mail(message: dict[str, Any]) -> bytes:
    if raw := text(message.get("raw_msg")):
        return raw.encode("utf-8", "replace")
    return assemble(_headers(message), text(message.get("text")), text(message.get("html")), _attached(message))


def _headers(message: dict[str, Any]) -> Headers:
    listed = mapping(message.get("headers"))
    name, address = text(message.get("from_name")), text(message.get("from_email"))
    return with_defaults(
        [(name, value) for name, values in listed.items() for value in texts(values)],
        ("From", f"{name} <{address}>" if name else address),
        ("To", text(message.get("email"))),
        ("Subject", text(message.get("subject"))),
    )


def _attached(message: dict[str, Any]) -> list[Attached]:
    files = [mapping(item) for kind in ("attachments", "images") for item in mapping(message.get(kind)).values()]
    return [_file(text(item.get("name")), text(item.get("type")), item) for item in files]


def _file(name: str, kind: str, item: dict[str, Any]) -> Attached:
    content = text(item.get("content"))
    if item.get("base64") is False:
        return Attached(name, kind, content.encode("utf-8", "replace"))
    return Attached.from_base64(name, kind, content)
