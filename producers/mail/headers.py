"""What a mail's headers say, however broken: decoded text, time, conversation, and whether a machine wrote it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias, TypeVar

from fleet.ticket import Automated
from producers.mail.charsets import decode

T = TypeVar("T")
Mail: TypeAlias = "Message[Any, Any]"  # subscripts of it exist for type checkers only

_ID = re.compile(r"<[^<>\s]+>")
_DAEMON = re.compile(r"(?:^|[<\s\"'])(?:mailer-daemon|postmaster|mail delivery (?:sub)?system)\b", re.IGNORECASE)
_FAILED = re.compile(
    r"undeliver|delivery (?:status|fail|has failed|problem|report)|(?:mail|message) delivery"
    r"|returned (?:mail|to sender)|failure notice|mail fail|error sending"
    r"|could not be delivered|not delivered|unzustellbar|non (?:remis|distribu)",
    re.IGNORECASE,
)
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def attempt(read: Callable[[], T], fallback: T) -> T:
    """Ask the standard library; broken input makes it raise nearly anything, and the answer is then the fallback."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - IndexError, AttributeError, HeaderParseError and more have been seen
        return fallback


def header(mail: Mail, name: str) -> str:
    """Decode one header to text; empty where it is missing."""
    wanted = name.lower()
    raw = next((value for key, value in mail.raw_items() if key.lower() == wanted), None)
    if raw is None:
        return ""
    text = str(raw)
    if not text.isascii():  # bytes above 127 come as surrogates
        text = decode(text.encode("utf-8", "surrogateescape"), "utf-8")
    decoded = attempt(lambda: _decode_words(text), text) if "=?" in text else text
    return " ".join(decoded.split())


def conversation(mail: Mail) -> str:
    """The id of the message that began the conversation, as far as this one knows."""
    for name in ("References", "In-Reply-To", "Message-ID"):
        ids = _ID.findall(header(mail, name))
        if ids:
            return str(ids[0])
    return ""


def message_id(mail: Mail) -> str:
    """The message's own id, angle brackets and all; empty where it has none."""
    text = header(mail, "Message-ID")
    found = _ID.search(text)
    return found.group() if found else text


def sender(mail: Mail) -> str:
    """Who wrote it."""
    return next((text for name in ("From", "Sender", "Reply-To") if (text := header(mail, name))), "")


def sent_at(mail: Mail, now: datetime) -> datetime:
    """When it was written, where that is believable and has a time zone; else now."""
    date = attempt(lambda: parsedate_to_datetime(header(mail, "Date")), now)
    is_sane = date.tzinfo is not None and _OLDEST <= date <= now + timedelta(days=1)
    return attempt(lambda: date.astimezone(UTC), now) if is_sane else now


def automated(mail: Mail) -> Automated | None:
    """Recognise bounces and automatic replies. In doubt None, for a person's mail must not be taken for either."""
    submitted = header(mail, "Auto-Submitted").split(";")[0].strip().lower()
    by_machine = submitted not in ("", "no")
    if _is_report(mail) or _is_from_daemon(mail, by_machine=by_machine):
        return Automated.BOUNCE
    if header(mail, "Return-Path").replace(" ", "") == "<>" and not submitted.startswith("auto-replied"):
        return Automated.BOUNCE  # automatic replies have an empty return path, too
    if by_machine or header(mail, "X-Autoreply").lower() not in ("", "no"):
        return Automated.AUTO_REPLY
    if header(mail, "Precedence").lower().replace("-", "_") == "auto_reply":
        return Automated.AUTO_REPLY
    return None


def _is_report(mail: Mail) -> bool:
    kind = attempt(mail.get_content_type, "")
    report = attempt(lambda: str(mail.get_param("report-type", "")), "").lower()
    return kind == "multipart/report" and report in ("delivery-status", "")


def _is_from_daemon(mail: Mail, *, by_machine: bool) -> bool:
    return bool(_DAEMON.search(sender(mail)) and (by_machine or _FAILED.search(header(mail, "Subject"))))


def _decode_words(text: str) -> str:
    pieces = decode_header(text)
    return "".join(raw if isinstance(raw, str) else decode(raw, charset) for raw, charset in pieces)
