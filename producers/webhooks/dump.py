"""A provider's request out of a file: the lines of HTTP as they were recorded, or only the mail. Nothing is proved."""

import re

from fleet.errors import InvalidTicketError
from producers.mail.message import MailTicket, looks_like_mail, read_mail
from producers.rejection import Rejected
from producers.webhooks.providers.registry import PROVIDERS
from producers.webhooks.request.posted import Posted

_START = re.compile(rb"(?:HTTP/\d(?:\.\d)? \d{3}[^\r\n]*|[A-Z]{3,7} \S+ HTTP/\d(?:\.\d)?)\r?\n")
_END_OF_HEAD = re.compile(rb"(?:\A|\r?\n)\r?\n")
_FORMS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def read_dump(raw: bytes, own: frozenset[str] = frozenset()) -> MailTicket | Rejected:
    """Make a ticket of the first mail in a recorded request; the provider is known by what it sends.

    `own` are our addresses.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    posted = _request(raw)
    if posted is None:
        return read_mail(raw, own=own) if looks_like_mail(raw) else Rejected(1, "neither a recorded request nor a mail")
    if coding := posted.headers.get("content-encoding", "identity").strip().lower().removeprefix("identity"):
        return Rejected(1, f"its body is compressed ({coding}): record it without Content-Encoding")
    try:
        mails = _mails(posted)
    except InvalidTicketError as error:
        return Rejected(1, str(error))
    return read_mail(mails[0], own=own) if mails else Rejected(1, "a request that brings no mail")


def _request(raw: bytes) -> Posted | None:
    start = _START.match(raw)
    parts = _END_OF_HEAD.split(raw[start.end() :] if start else raw, maxsplit=1)
    headers = _headers(parts[0])
    is_http = start or headers.get("content-type", "").split(";")[0].strip().lower() in _FORMS
    body = parts[1] if len(parts) > 1 else b""
    if headers.get("content-type", "").lower().startswith("multipart/") and b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")  # recorded by a tool that knows one kind of line end
    return Posted(headers, body) if is_http else None


def _headers(head: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _mails(posted: Posted) -> list[bytes]:
    for provider in PROVIDERS.values():
        if provider.is_mine(posted):
            return provider.mails(posted)
    whole = next((part.value for part in posted.form.fields if _is_mail(part.value)), None)
    if whole is None:
        raise InvalidTicketError("a request of no provider that is known")
    return [whole]


def _is_mail(value: bytes) -> bool:
    return b"\n" in value and looks_like_mail(value)
