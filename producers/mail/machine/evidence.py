"""What a mail's sender, subject, text and parts say for a mail system's report."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from producers.mail.attempt import attempt
from producers.mail.headers import header
from producers.mail.machine.phrases import (
    ANSWERED_SUBJECT,
    COMPLAINT_SUBJECT,
    FAILED_SUBJECT,
    FAILED_TEXT,
    ORIGINAL_INSIDE,
    PASSED_ON_SUBJECT,
)
from producers.mail.mime.attachments import content_type
from producers.mail.mime.parsing import Mail
from producers.mail.mime.parts import children, is_text, messages, text_of

_DAEMON = re.compile(r"(?:^|[<\s\"'(])mailer[-_ ]?daemon\b", re.IGNORECASE)
_POSTMASTER = re.compile(
    r"(?:^|[<\s\"'])post[-_]?master@|^\"?(?:internet )?mail deliver[a-z]* ?(?:sub)?system"
    r"|\(mail delivery (?:sub)?system\)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:^|[<\s\"'])(?:no-?reply|do-?not-?reply|sysadmin|administrator|root|system|bounces?|delivery|mta|daemon)@"
    r"|^\"?(?:mail|mmsc|ndr|system|e-?mail)[ -](?:ndr )?(?:delivery (?:service|agent)|administrator|system)\b"
    r"|^\"?mail delivery\b|system administrator|ndr administrator",
    re.IGNORECASE,
)
_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_FEEDBACK = "message/feedback-report"
_RECEIPT = {"message/disposition-notification", "message/global-disposition-notification"}
_ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
_READ = 6_000
_MAX_PARTS = 50


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a mail system as the writer. What a person's mail may hold, too, is no proof."""

    report_type: str | None
    """Of a multipart/report (RFC 3462), empty where it names none; None where the mail is no report."""
    has_status: bool
    has_feedback: bool
    has_disposition: bool
    is_daemon: bool
    is_postmaster: bool
    is_role: bool
    """A sender behind which programs stand more often than people."""
    names_failed: bool
    is_titled: bool
    """The subject begins as an answer's or as that of a mail that was passed on."""
    has_failed_subject: bool
    has_complaint_subject: bool
    has_failed_text: bool
    returns_mail: bool
    """The mail that failed is attached, whole or its headers."""
    has_original: bool
    """It is attached, or stands in the text."""
    attaches_report: bool
    """What is attached is a report itself: so this mail is not the report, but about it."""


def gather(mail: Mail, sender: str) -> Evidence:
    """Read the facts off headers and parts; nothing inside a message that is attached counts."""
    kind = attempt(mail.get_content_type, "")
    types = {content_type(part) for part in _parts(mail)}
    text = "\n".join(_texts(mail))[: 2 * _READ]
    subject = header(mail, "Subject")
    is_titled = bool(ANSWERED_SUBJECT.match(subject) or PASSED_ON_SUBJECT.match(subject))
    return Evidence(
        report_type=attempt(lambda: str(mail.get_param("report-type", "")), "").lower()
        if kind == "multipart/report"
        else None,
        has_status=bool(types & _STATUS),
        has_feedback=_FEEDBACK in types,
        has_disposition=bool(types & _RECEIPT),
        is_daemon=bool(_DAEMON.search(sender)),
        is_postmaster=bool(_POSTMASTER.search(sender)) or sender.strip() == "<>",
        is_role=bool(_ROLE.search(sender)) or not sender.strip(),
        names_failed=bool(header(mail, "X-Failed-Recipients")),
        is_titled=is_titled,
        has_failed_subject=bool(FAILED_SUBJECT.search(subject)) and not is_titled,
        has_complaint_subject=bool(COMPLAINT_SUBJECT.match(subject)),
        has_failed_text=bool(FAILED_TEXT.search(text)),
        returns_mail=bool(types & _ORIGINALS),
        has_original=bool(types & _ORIGINALS) or bool(ORIGINAL_INSIDE.search(text)),
        attaches_report=any(_is_report(inner) for part in _parts(mail) for inner in messages(part)),
    )


def _is_report(mail: Mail) -> bool:
    return content_type(mail) == "multipart/report" or bool(_DAEMON.search(header(mail, "From")))


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
