"""Files that stand in a text as uuencode: named like attachments, never decoded."""

import re

from producers.mail.mime.attachments import described

_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,199})")
_LINE = re.compile(r"[ -`]{1,62}")
_BYTES_PER_LINE = 45


def without_files(text: str) -> tuple[str, tuple[str, ...]]:
    """Take the encoded files out of a text; returns the rest, and one note a file."""
    if "begin " not in text or "\nend" not in text:
        return text, ()
    kept: list[str] = []
    notes: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        begin = _BEGIN.fullmatch(lines[at].rstrip())
        end = _end(lines, at + 1) if begin else None
        if begin and end:
            notes.append(described(begin[1], "application/octet-stream", (end - at - 2) * _BYTES_PER_LINE))
            at = end
        else:
            kept.append(lines[at])
        at += 1
    return "\n".join(kept), tuple(notes)


def _end(lines: list[str], at: int) -> int | None:
    # Small letters are not in the code, so the next "begin" ends the search: no line is looked at twice.
    start = at
    while at < len(lines) and _LINE.fullmatch(lines[at].rstrip("\r")):
        at += 1
    return at if at < len(lines) and at > start + 1 and lines[at].strip() == "end" else None
