"""Inputs one after the other: each ticket with the place it came from, and what is not taken in, and why."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.cli.extras import advice
from ops.cli.intake.places import Place, bytes_in, standard_input
from ops.cli.intake.stream import open_stream
from producers.files.formats import SNIFFED_BYTES, Format, format_of
from producers.files.reading import Reading, read_file
from producers.files.rows import Found
from producers.rejection import Rejected

NO_ADDRESSES = "mails are read, and no address of ours is known: name them with --own or TRIAGE_OWN_ADDRESSES"

_MAILS = (Format.EML, Format.MBOX, Format.HTTP)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that is not taken in: where it stands and why not."""

    file: str
    line: int
    reason: str


def _quiet() -> None:
    pass


class Inputs:
    """Reads places in order. `bytes_read` tells how far, of `bytes_total` (None: nobody knows).

    `told` hears what was guessed about a file; `idle` is called while standard input has nothing to read.
    """

    def __init__(
        self,
        places: Sequence[Place],
        reading: Reading,
        told: Callable[[str], None],
        idle: Callable[[], None] = _quiet,
    ) -> None:
        self._places = places
        self._reading = reading
        self._told = told
        self._idle = idle
        self._is_noted = False
        self.bytes_read = 0
        self.bytes_total = bytes_in(places)

    def __iter__(self) -> Iterator[Found | Refusal]:
        for place in self._places:
            yield from self.read(place)

    def read(self, place: Place) -> Iterator[Found | Refusal]:
        """Read one place."""
        if place.is_stdin:
            # Closing would close standard input, and what the buffer holds is read to its end anyway.
            yield from self._file(place.name, standard_input(), Format.JSONL, idle=self._idle)
        for path in place.paths:
            try:
                with path.open("rb", buffering=0) as file:
                    yield from self._file(str(path), file, Format.EML if place.is_maildir else None)
            except OSError as error:
                yield Refusal(str(path), 1, f"cannot be read: {error.strerror}")

    def format_of(self, place: Place) -> Format:
        """Tell how a place is read; raises OSError."""
        if self._reading.format or place.is_stdin:
            return self._reading.format or Format.JSONL
        with Path(place.paths[0]).open("rb") as file:
            return format_of(place.name, file.read(SNIFFED_BYTES))

    def _file(
        self, name: str, raw: Any, usual: Format | None, *, idle: Callable[[], None] | None = None
    ) -> Iterator[Found | Refusal]:
        file = open_stream(raw, self._count, idle)
        kind = self._reading.format or usual or format_of(name, file.peek(SNIFFED_BYTES)[:SNIFFED_BYTES])
        self._note_addresses(kind)
        for found in self._guarded(file, kind, name):
            if isinstance(found, Rejected):
                yield Refusal(name, found.line, found.reason)
            else:
                yield found

    def _note_addresses(self, kind: Format) -> None:
        if kind in _MAILS and not (self._reading.own or self._is_noted):
            self._is_noted = True
            self._told(NO_ADDRESSES)

    def _guarded(self, file: io.BufferedReader, kind: Format, name: str) -> Iterator[Found | Rejected]:
        try:
            yield from read_file(file, kind, name, self._reading, lambda text: self._told(f"{name}: {text}"))
        except OSError:
            raise
        except ModuleNotFoundError as error:  # no fault of the file, and none of the files behind it
            if not (missing := advice(error)):
                raise
            yield Rejected(1, f"not read: {missing}")
        except Exception as error:  # noqa: BLE001 - hostile input; one file must not end the others
            yield Rejected(1, f"the parser failed, the rest of the file is left out: {type(error).__name__}")

    def _count(self, number: int) -> None:
        self.bytes_read += number
