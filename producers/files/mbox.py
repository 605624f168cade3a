"""mbox: messages one behind the other, each after a line `From …`. Read as a stream, one message at a time."""

import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from producers.mail.message import MAX_MAIL_BYTES
from producers.rejection import Rejected

_PIECE = 64 * 1024
_LONGEST = 400
"""Bytes of a separator that are looked at."""

_LOOKED_AT = 40
"""Lines below it in which a header of each mail has to stand: some begin with a dozen of their provider's own."""

_DATED = re.compile(rb"From [^\n]*?(?:\d{1,2}:\d{2}[^\n]*?\d{4}|\d{4}[^\n]*?\d{1,2}:\d{2})")
_STAMPED = re.compile(
    rb"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Za-z0-9]{1,3} +[A-Za-z0-9]{1,3} +\d{1,2}:\d{2}(?::\d{2})?"
    rb"(?: +[A-Z]{1,5}| +[+-]\d{4})? +\d{4}"
)
_BARE = re.compile(rb"From (?:- ?)?\s*$")
_ONE_WORD = re.compile(rb"From \S*[ \t]*\r?\n?$")
_HEADER = re.compile(rb"[A-Za-z][!-9;-~]*[ \t]*:")
_OF_MAIL = re.compile(rb"(?:from|date|message-id|received)[ \t]*:", re.IGNORECASE)
_QUOTED = re.compile(rb">+From ")


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes of one message, without the separator, and the line it begins at."""

    line: int
    raw: bytes


@dataclass(slots=True)
class _Growing:
    """A message that is being read; of one that is too large only the size is kept."""

    line: int
    has_separator: bool
    size: int = 0
    pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= MAX_MAIL_BYTES:
            self.pieces.append(piece)
        else:
            self.pieces.clear()

    def end(self) -> Message | Rejected | None:
        if self.size > MAX_MAIL_BYTES:
            return Rejected(self.line, f"the message has {self.size:,} bytes; at most {MAX_MAIL_BYTES:,} are read")
        raw = b"".join(self.pieces)
        if raw.strip():
            # The blank line before the next separator is the mailbox's, not the message's.
            return Message(self.line, raw.removesuffix(b"\n").removesuffix(b"\r"))
        return Rejected(self.line, "the message is empty") if self.has_separator else None


def read_mbox(
    file: io.BufferedReader, doubted: Callable[[int], None] = lambda _line: None
) -> Iterator[Message | Rejected]:
    """Yield the messages; lines quoted as `>From ` (mboxo, mboxrd) lose one `>`.

    `Content-Length` is not believed: it is wrong in half of the mailboxes that have it. `doubted` hears the numbers of
    lines that look like separators and were taken for text.
    """
    lines = _Lines(file)
    growing = _Growing(1, has_separator=False)
    line, at_start, after_blank = 1, True, True
    while piece := lines.read():
        if at_start and piece.startswith(b"From ") and is_separator(piece, lines, after_blank=after_blank):
            if (made := growing.end()) is not None:
                yield made
            growing = _Growing(line, has_separator=True)
        else:
            if at_start and _STAMPED.match(piece):
                doubted(line)
            growing.add(piece[1:] if at_start and _QUOTED.match(piece) else piece)
        after_blank = at_start and not piece.strip()
        at_start = piece.endswith(b"\n")
        line += at_start
    if (made := growing.end()) is not None:
        yield made


class _Lines:
    """Lines of a file, or pieces of very long ones, with a look at those that follow."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._ahead: deque[bytes] = deque()

    def read(self) -> bytes:
        return self._ahead.popleft() if self._ahead else self._file.readline(_PIECE)

    def following(self) -> Iterator[bytes]:
        for number in range(_LOOKED_AT):
            if number == len(self._ahead):
                self._ahead.append(self._file.readline(_PIECE))
            yield self._ahead[number]


def is_separator(piece: bytes, lines: _Lines, *, after_blank: bool) -> bool:
    """Tell whether a line `From …` begins a message, and is not somebody's "From here on …".

    Behind a blank line a sender and a date are enough, or a header below; the less it looks like a separator, the more
    a mail's headers have to follow. Writers that leave the blank line out are believed by the date and the headers.
    """
    start = piece[:_LONGEST]
    is_dated = _DATED.match(start) is not None
    if after_blank and (_STAMPED.match(start) or ((is_dated or _ONE_WORD.match(start)) and _has_header(lines))):
        return True
    return (after_blank or is_dated or _BARE.match(start) is not None) and _begins_mail(lines)


def _has_header(lines: _Lines) -> bool:
    return _HEADER.match(next(lines.following())) is not None


def _begins_mail(lines: _Lines) -> bool:
    """Tell whether headers follow, two or more, and one of them that each mail has."""
    number, is_known = 0, False
    for line in lines.following():
        if line[:1] in (b" ", b"\t") and number and line.strip():
            continue
        if not _HEADER.match(line):
            break
        number += 1
        is_known = is_known or _OF_MAIL.match(line) is not None
        if number > 1 and is_known:
            return True
    return False
