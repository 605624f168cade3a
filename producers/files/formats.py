"""What is in a file: told by its name's ending where that says it, else by its first bytes."""

import re
from enum import StrEnum
from pathlib import PurePath


class Format(StrEnum):
    """What a file can be; its value is what `--format` and `triage parse --json` say."""

    JSONL = "jsonl"
    CSV = "csv"
    MBOX = "mbox"
    EML = "eml"
    ICS = "ics"
    HTML = "html"
    HTTP = "http"
    TEXT = "text"
    UNKNOWN = "unknown"


MANY = frozenset({Format.JSONL, Format.CSV, Format.MBOX})
"""Formats that hold many tickets; the others are one."""

SNIFFED_BYTES = 16 * 1024

_ENDINGS = {
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), Format.JSONL),
    **dict.fromkeys((".csv", ".tsv"), Format.CSV),
    **dict.fromkeys((".mbox", ".mbx"), Format.MBOX),
    **dict.fromkeys((".eml", ".msg", ".mail", ".mime", ".raw", ".rfc822"), Format.EML),
    **dict.fromkeys((".ics", ".ical", ".ifb", ".icalendar"), Format.ICS),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Format.HTML),
}
_TEXT_ENDINGS = {"", ".txt", ".text"}
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (re.compile(rb"\{"), Format.JSONL),
    (re.compile(rb"BEGIN:VCALENDAR", re.IGNORECASE), Format.ICS),
    (re.compile(rb"(?:[A-Z]{3,10} \S+ )?HTTP/\d(?:\.\d)?[ \r\n]"), Format.HTTP),
    (re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE), Format.HTML),
    # Often a mailbox of one message only.
    (re.compile(rb"From (?:[^\n]*\d{1,2}:\d{2}[^\n]*\d{4}|[^\n]*\n[A-Za-z][!-9;-~]*:)"), Format.MBOX),
)
_HEADERS = re.compile(rb"(?:[A-Za-z][!-9;-~]*[ \t]*:[^\n]*\n(?:[ \t]+\S[^\n]*\n)*)+")
_MAIL_NAME = re.compile(
    rb"^(?:from|to|cc|subject|date|sender|reply-to|received|return-path|delivered-to|message-id|mime-version"
    rb"|content-[a-z-]+|list-[a-z-]+|in-reply-to|references|auto-submitted|x-[!-9;-~]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def format_of(name: str, start: bytes) -> Format:
    """Name the format of a file by its name and its first bytes."""
    path = PurePath(name.lower())
    found = _ENDINGS.get(path.suffix)
    if start.startswith(_OUTLOOK):
        return Format.UNKNOWN
    if found is not None:
        return found
    return _by_content(start.removeprefix(b"\xef\xbb\xbf").lstrip(), has_text_ending=path.suffix in _TEXT_ENDINGS)


def _by_content(start: bytes, *, has_text_ending: bool) -> Format:
    for pattern, kind in _STARTS:
        if pattern.match(start):
            return kind
    if looks_like_mail(start):
        return Format.EML
    return Format.TEXT if has_text_ending and not _CONTROL.search(start) else Format.UNKNOWN


def looks_like_mail(start: bytes) -> bool:
    """Tell whether a text begins with headers of a mail; "Hello:" or "From here on" is none."""
    block = _HEADERS.match(start + b"\n")
    return block is not None and _MAIL_NAME.search(block.group()) is not None
