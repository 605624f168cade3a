"""The facts about a mail from which one can tell a mail system's report, each by itself no proof."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from producers.mail.headers import attempt, header
from producers.mail.machine.phrases import COMPLAINT_SUBJECT, FAILED_SUBJECT, FAILED_TEXT, ORIGINAL_INSIDE
from producers.mail.mime.attachments import content_type
from producers.mail.mime.parsing import Mail
from producers.mail.mime.parts import children, is_text, text_of

_DAEMON = re.compile(r"(?:^|[<\s\"'(])mailer[-_ ]?daemon\b", re.IGNORECASE)
_POSTMASTER = re.compile(
    r"(?:^|[<\s\"'])post[-_]?master@|^\"?(?:internet )?mail deliver[a-z]* ?(?:sub)?system"
    r"|\(mail delivery (?:sub)?system\)"
    r"|^\"?(?:mail|mmsc|ndr|system|e-?mail)[ -](?:ndr )?(?:delivery (?:service|agent)|administrator|system)\b"
    r"|^\"?mail delivery\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:^|[<\s\"'])(?:no-?reply|do-?not-?reply|sysadmin|administrator|root|system|bounces?|delivery|mta|daemon)@"
    r"|system administrator|ndr administrator",
    re.IGNORECASE,
)
_REPORTS = {"message/delivery-status", "message/global-delivery-status", "message/feedback-report"}
_ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|sv|antw|vs|rv|res)\s*:", re.IGNORECASE)
_READ = 6_000
_MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a mail system as the writer."""

    is_report: bool
    """multipart/report (RFC 3462) about a delivery or a complaint."""
    is_receipt: bool
    """multipart/report about a person's opening of a mail (RFC 8098)."""
    is_daemon: bool
    has_null_path: bool
    names_failed: bool
    has_status: bool
    is_by_machine: bool
    is_postmaster: bool
    is_role: bool
    """A sender behind which programs stand more often than people."""
    has_failed_subject: bool
    has_failed_text: bool
    has_original: bool


def gather(mail: Mail, sender: str) -> Evidence:
    """Read the facts off headers and parts; nothing inside a message that is attached counts."""
    kind = attempt(mail.get_content_type, "")
    report = attempt(lambda: str(mail.get_param("report-type", "")), "").lower() if kind == "multipart/report" else None
    types = {content_type(part) for part in _parts(mail)}
    text = "\n".join(_texts(mail))[: 2 * _READ]
    subject = header(mail, "Subject")
    return Evidence(
        is_report=report in ("", "delivery-status", "feedback-report")
        or "message/feedback-report" in types
        or bool(COMPLAINT_SUBJECT.match(subject) and types & _ORIGINALS),
        is_receipt=report == "disposition-notification",
        is_daemon=bool(_DAEMON.search(sender)),
        has_null_path=header(mail, "Return-Path").replace(" ", "") in ("<>", "<null>"),
        names_failed=bool(header(mail, "X-Failed-Recipients")),
        has_status=bool(types & _REPORTS),
        is_by_machine=submitted(mail) not in ("", "no"),
        is_postmaster=bool(_POSTMASTER.search(sender)) or sender.strip() == "<>",
        is_role=bool(_ROLE.search(sender)) or not sender.strip(),
        has_failed_subject=bool(FAILED_SUBJECT.search(subject)) and not _REPLY.match(subject),
        has_failed_text=bool(FAILED_TEXT.search(text)),
        has_original=bool(types & _ORIGINALS) or bool(ORIGINAL_INSIDE.search(text)),
    )


def submitted(mail: Mail) -> str:
    """Return the keyword of Auto-Submitted (RFC 3834) in small letters."""
    return header(mail, "Auto-Submitted").split(";")[0].split("(")[0].strip().lower()


def _parts(mail: Mail, depth: int = 0) -> Iterator[Mail]:
    for number, part in enumerate(children(mail)):
        if number < _MAX_PARTS:
            yield part
            if part.get_content_maintype() == "multipart" and depth < 3:  # noqa: PLR2004 - related inside alternative inside report
                yield from _parts(part, depth + 1)


def _texts(mail: Mail) -> Iterator[str]:
    parts = [mail] if not mail.is_multipart() else list(_parts(mail))
    for part in parts[:_MAX_PARTS]:
        if is_text(part):
            yield text_of(part, _READ)
