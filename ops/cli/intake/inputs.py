"""Inputs one after the other: each file is JSON lines or one mail, `-` is JSON lines on standard input."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fleet.errors import ConfigurationError
from fleet.ticket import Ticket
from producers.files.jsonl import Rejected, producer_key, read_rows, row_to_ticket
from producers.files.lines import bounded_lines
from producers.mail.message import MAX_MAIL_BYTES, looks_like_mail, read_mail

STDIN = "-"
_SNIFF_BYTES = 4096
_JSON_ENDINGS = {".jsonl", ".ndjson", ".json"}


@dataclass(frozen=True, slots=True)
class Item:
    """A ticket that was read, the key to accept it under, and the place it came from."""

    file: str
    line: int
    ticket: Ticket
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is not taken in: where it stands and why not."""

    file: str
    line: int
    reason: str


class Inputs:
    """Reads the named inputs in order. `bytes_read` tells how far, of `bytes_total` (None: nobody knows)."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.bytes_read = 0
        self.bytes_total = _size(names)

    def __iter__(self) -> Iterator[Item | Refusal]:
        for name in self._names:
            if name == STDIN:
                yield from self._rows("stdin", sys.stdin.buffer)
            else:
                yield from self._file(name)

    def _file(self, name: str) -> Iterator[Item | Refusal]:
        try:
            with Path(name).open("rb") as file:
                match _format(Path(name), file.peek(_SNIFF_BYTES)[:_SNIFF_BYTES]):
                    case "jsonl":
                        yield from self._rows(name, file)
                    case "mail":
                        yield self._mail(name, file)
                    case _:
                        yield Refusal(name, 1, "neither JSON lines nor a mail: the first line is no header")
        except OSError as error:
            yield Refusal(name, 1, f"cannot be read: {error.strerror}")

    def _rows(self, name: str, file: BinaryIO) -> Iterator[Item | Refusal]:
        for row in read_rows(self._counted(file)):
            made = row if isinstance(row, Rejected) else row_to_ticket(row)
            if isinstance(made, Rejected):
                yield Refusal(name, made.line, made.reason)
            elif not isinstance(row, Rejected):
                yield Item(name, row.line, made, producer_key(row, made))

    def _mail(self, name: str, file: BinaryIO) -> Item | Refusal:
        raw = file.read(MAX_MAIL_BYTES + 1)
        self.bytes_read += len(raw)
        made = read_mail(raw)
        if isinstance(made, Rejected):
            return Refusal(name, made.line, made.reason)
        return Item(name, 1, made.ticket, made.key)

    def _counted(self, file: BinaryIO) -> Iterator[bytes]:
        for line in bounded_lines(file):
            self.bytes_read += len(line)
            yield line


def ensure_readable(names: Sequence[str]) -> None:
    """Refuse file names that lead nowhere before anything is accepted; raises ConfigurationError."""
    if names.count(STDIN) > 1:
        raise ConfigurationError("standard input (-) can be read only once")
    for name in names:
        if name == STDIN:
            continue
        if Path(name).is_dir():
            raise ConfigurationError(f"{name} is a folder: name the files in it")
        try:
            Path(name).open("rb").close()
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


def _format(path: Path, start: bytes) -> str:
    """Tell what is in a file, by its ending where that says it, else by its first bytes."""
    ending = path.suffix.lower()
    if ending == ".eml":
        return "mail"
    if ending in _JSON_ENDINGS or start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b""):
        return "jsonl"
    return "mail" if looks_like_mail(start) else "unknown"


def _size(names: Sequence[str]) -> int | None:
    if not all(name != STDIN and Path(name).is_file() for name in names):
        return None
    return sum(Path(name).stat().st_size for name in names)
