"""CloudMailin: JSON or a form with the mail's pieces, or a form with the whole mail; header names old or new.

Events about mail that was sent are JSON, too; they bring no mail.
"""

import re
from typing import Any

from fleet.errors import InvalidTicketError
from producers.webhooks.inbound.assembled import Attached, Headers, assemble
from producers.webhooks.inbound.envelope import noted
from producers.webhooks.request.form import Form
from producers.webhooks.request.posted import Posted
from producers.webhooks.request.shapes import mapping, objects, text, texts, whole

_HEADER = re.compile(r"headers\[([^\]]+)\]")
_ATTACHED = re.compile(r"attachments\[(\d{1,4})\]\[(\w+)\]")


def is_mine(posted: Posted) -> bool:
    """Tell by the names of its members or fields."""
    if posted.is_json:
        own = posted.object
        return _is_event(own) or ("envelope" in own and ("headers" in own or "plain" in own))
    form = posted.form
    return ("message" in form or "plain" in form) and any(part.name.startswith("envelope[") for part in form.fields)


def mails(posted: Posted) -> list[bytes]:
    """Give the mail; events bring none."""
    own, form = posted.object, posted.form
    if _is_event(own):
        return []
    if own and ("headers" in own or "plain" in own or "html" in own):
        raw = assemble(_listed(own), text(own.get("plain")), text(own.get("html")), _files(own))
        envelope = mapping(own.get("envelope"))
        return [noted(raw, envelope.get("from"), envelope.get("to"))]
    sender = form.text("envelope[from]") if "envelope[from]" in form else None
    recipient = form.text("envelope[to]")
    if whole_mail := form.raw("message"):
        return [noted(whole_mail, sender, recipient)]
    if "plain" not in form and "html" not in form:
        raise InvalidTicketError("no mail in CloudMailin's format")
    return [noted(assemble(_fields(form), form.text("plain"), form.text("html"), _parts(form)), sender, recipient)]


def _is_event(own: dict[str, Any]) -> bool:
    return "event" in own and not any(name in own for name in ("headers", "plain", "html", "envelope"))


def _listed(own: dict[str, Any]) -> Headers:
    return [(_name(name), value) for name, values in mapping(own.get("headers")).items() for value in texts(values)]


def _fields(form: Form) -> Headers:
    found = ((_HEADER.match(part.name), part.name) for part in form.fields)
    values = ((match, form.text(name)) for match, name in found)
    return [(_name(match[1]), value) for match, value in values if match]


def _name(name: str) -> str:
    return name.replace("_", "-")  # message_id, in_reply_to, …


def _files(own: dict[str, Any]) -> list[Attached]:
    return [_file(item) for item in objects(own.get("attachments"))]


def _file(item: dict[str, Any]) -> Attached:
    name, kind, size = text(item.get("file_name")), text(item.get("content_type")), whole(item.get("size"))
    content = text(item.get("content"))
    return Attached.from_base64(name, kind, content, size) if content else Attached(name, kind, size=size)


def _parts(form: Form) -> list[Attached]:
    stored: dict[str, dict[str, Any]] = {}
    for part in form.fields:
        if match := _ATTACHED.fullmatch(part.name):
            stored.setdefault(match[1], {})[match[2]] = form.text(part.name)
    posted = [Attached(part.file_name, part.kind, part.value) for part in form.files if part.name != "message"]
    return posted + [_file(item) for item in stored.values()]
