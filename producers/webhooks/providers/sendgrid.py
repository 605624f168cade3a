"""SendGrid's Inbound Parse: a form with the mail's pieces, or with the whole mail ("send raw").

Its event webhook posts a JSON list, which brings no mail.
"""

from typing import Any

from fleet.errors import InvalidTicketError
from producers.webhooks.inbound.assembled import Attached, assemble, unfolded, with_defaults
from producers.webhooks.inbound.envelope import noted
from producers.webhooks.request.form import Form
from producers.webhooks.request.posted import Posted, parse_json
from producers.webhooks.request.shapes import mapping, objects, text

_MARKS = ("charsets", "SPF", "sender_ip", "spam_score", "dkim")


def is_mine(posted: Posted) -> bool:
    """Tell by the names of its fields."""
    if _is_events(posted):
        return True
    form = posted.form
    has_mail = "email" in form or "headers" in form or "text" in form or "html" in form
    return has_mail and ("envelope" in form or any(mark in form for mark in _MARKS))


def mails(posted: Posted) -> list[bytes]:
    """Give the mail; events bring none."""
    if _is_events(posted):
        return []
    form = posted.form
    if not any(name in form for name in ("email", "headers", "text", "html")):
        raise InvalidTicketError("no mail in the format of SendGrid's Inbound Parse")
    envelope = _object(form.text("envelope"))
    sender, recipients = envelope.get("from"), envelope.get("to")
    if raw := form.raw("email"):
        return [noted(raw, sender, recipients)]
    letters = _object(form.text("charsets"))

    def field(name: str) -> str:
        return form.text(name, text(letters.get(name)))

    headers = with_defaults(
        unfolded(field("headers")), ("From", field("from")), ("To", field("to")), ("Subject", field("subject"))
    )
    return [noted(assemble(headers, field("text"), field("html"), _attached(form)), sender, recipients)]


def _is_events(posted: Posted) -> bool:
    events = objects(posted.json)
    return bool(events) and all("event" in event for event in events)


def _attached(form: Form) -> list[Attached]:
    notes = _object(form.text("attachment-info"))
    return [
        Attached(
            part.file_name or text(mapping(notes.get(part.name)).get("filename")),
            part.kind or text(mapping(notes.get(part.name)).get("type")),
            part.value,
        )
        for part in form.files
    ]


def _object(written: str) -> dict[str, Any]:
    try:
        return mapping(parse_json(written))
    except InvalidTicketError:
        return {}
