"""Mailgun's routes: a form with the mail's pieces, or with the whole mail where the URL ends in `mime`.

Its webhooks, which tell of mail that was sent, are JSON, and were forms; they bring no mail.
"""

from fleet.errors import InvalidTicketError
from producers.webhooks.inbound.assembled import Attached, Headers, assemble, with_defaults
from producers.webhooks.request.form import Form
from producers.webhooks.request.posted import Posted, parse_json
from producers.webhooks.request.shapes import objects, text, whole

_MARKS = ("body-mime", "message-headers", "body-plain", "stripped-text")
_PIECES = ("body-mime", "body-plain", "stripped-text", "body-html")
_COPIED = ("Message-Id", "In-Reply-To", "References", "Date", "Return-Path", "Auto-Submitted", "Precedence")
"""Headers that come as fields, too; needed only where the list of all headers is missing."""


def is_mine(posted: Posted) -> bool:
    """Tell by the names of its fields."""
    return _is_event(posted) or any(mark in posted.form for mark in _MARKS)


def mails(posted: Posted) -> list[bytes]:
    """Give the mail; events bring none."""
    if _is_event(posted):
        return []
    form = posted.form
    if not is_mine(posted):
        raise InvalidTicketError("no message in the format of Mailgun's routes")
    raw = form.raw("body-mime")
    if raw:
        return [raw]
    plain = form.text("body-plain") or form.text("stripped-text")
    html = form.text("body-html") or form.text("stripped-html")
    return [assemble(_headers(form), plain, html, _attached(form))]


def _is_event(posted: Posted) -> bool:
    if posted.is_json:
        return "event-data" in posted.object
    # A header of the mail may have any name, and comes as a field: the mail's pieces tell.
    return "event" in posted.form and not any(name in posted.form for name in _PIECES)


def _headers(form: Form) -> Headers:
    return with_defaults(
        _listed(form.text("message-headers")),
        ("From", form.text("from") or form.text("From") or form.text("sender")),
        ("To", form.text("To") or form.text("recipient")),
        ("Subject", form.text("subject") or form.text("Subject")),
        *((name, form.text(name)) for name in _COPIED),
    )


def _listed(written: str) -> Headers:
    pairs = _json_list(written)
    return [(text(pair[0]), text(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]  # noqa: PLR2004


def _attached(form: Form) -> list[Attached]:
    posted = [Attached(part.file_name, part.kind, part.value, len(part.value)) for part in form.files]
    stored = [
        Attached(text(item.get("name")), text(item.get("content-type")), size=whole(item.get("size")))
        for item in objects(_json_list(form.text("attachments")))
    ]
    return posted or stored


def _json_list(written: str) -> list[object]:
    try:
        found = parse_json(written)
    except InvalidTicketError:
        return []
    return found if isinstance(found, list) else []
