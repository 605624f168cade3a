"""mbox: messages one behind the other, each after a line `From …`. Read as a stream, one message at a time."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from producers.mail.message import MAX_MAIL_BYTES
from producers.rejection import Rejected

_PIECE = 64 * 1024
_DATED = re.compile(rb"From .*\d{1,2}:\d{2}.*\d{4}")
_HEADER = re.compile(rb"[A-Za-z][!-9;-~]*[ \t]*:")
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


def read_mbox(file: io.BufferedReader) -> Iterator[Message | Rejected]:
    """Yield the messages; lines quoted as `>From ` (mboxo, mboxrd) lose one `>`.

    `Content-Length` is not believed: it is wrong in half of the mailboxes that have it.
    """
    growing = _Growing(1, has_separator=False)
    line, at_start, after_blank = 1, True, True
    while piece := file.readline(_PIECE):
        if at_start and after_blank and is_separator(piece, file):
            if (made := growing.end()) is not None:
                yield made
            growing = _Growing(line, has_separator=True)
        else:
            growing.add(piece[1:] if at_start and _QUOTED.match(piece) else piece)
        after_blank = at_start and not piece.strip()
        at_start = piece.endswith(b"\n")
        line += at_start
    if (made := growing.end()) is not None:
        yield made


def is_separator(piece: bytes, following: io.BufferedReader) -> bool:
    """Tell whether a line that follows a blank one begins a message, and is not somebody's "From here on …"."""
    if not piece.startswith(b"From "):
        return False
    return bool(_DATED.match(piece) or _HEADER.match(following.peek(_PIECE)))
