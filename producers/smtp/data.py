"""Reading one mail after DATA, within bounds of memory, whatever the client sends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto

PROGRESS_BYTES = 64 * 1024
"""So much has to come within the time-out: a client that drips one byte now and then is no progress."""

ENDLESS = 4
"""A mail of so many times the greatest size is not read to its end."""


class Unfit(Enum):
    """Why a mail was not taken in."""

    TOO_BIG = auto()
    ENDLESS = auto()
    """Too big, and its end did not come: the connection is of no use any more."""
    NO_ROOM = auto()


class Room:
    """The memory that all mails under way share, in bytes."""

    def __init__(self, total: int) -> None:
        self.free = total

    @contextmanager
    def portion(self) -> Iterator["Portion"]:
        """Give one mail's part of it, which goes back at the end of the block."""
        portion = Portion(self)
        try:
            yield portion
        finally:
            portion.give_back()


class Portion:
    """One mail's part of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0

    def take(self, count: int) -> bool:
        """Hold more bytes; False where there is no room for them."""
        if count > self._room.free:
            return False
        self._room.free -= count
        self._held += count
        return True

    def give_back(self) -> None:
        """Hold nothing any more."""
        self._room.free += self._held
        self._held = 0


async def read_data(
    reader: asyncio.StreamReader, portion: Portion, max_bytes: int, progress: Callable[[], None]
) -> bytes | Unfit:
    """Read until the line with a lone dot, and take the doubled dots out.

    Only CR LF ends a line, so that a dot between bare line feeds cannot end a mail that the server in front took for a
    longer one (SMTP smuggling). Lines may have any length. What does not fit is read, too, and thrown away.
    """
    kept = _Kept(portion, max_bytes)
    told = 0
    starts_line = True
    while True:
        piece = await _piece(reader)
        if starts_line and piece == b".\r\n":
            return kept.unfit or bytes(kept.raw)
        kept.add(piece[1:] if starts_line and piece.startswith(b".") else piece)
        if kept.seen > ENDLESS * max_bytes:
            return Unfit.ENDLESS
        starts_line = piece.endswith(b"\r\n")
        if kept.seen - told >= PROGRESS_BYTES:
            told = kept.seen
            progress()


class _Kept:
    """What was read of a mail, as long as it fits."""

    def __init__(self, portion: Portion, max_bytes: int) -> None:
        # One array: an object for each line would take twenty times the room of a mail of empty lines.
        self.raw = bytearray()
        self.unfit: Unfit | None = None
        self.seen = 0
        self._portion = portion
        self._max_bytes = max_bytes

    def add(self, piece: bytes) -> None:
        """Keep a piece, or throw all away and remember why."""
        self.seen += len(piece)
        if self.unfit is None and self.seen > self._max_bytes:
            self.unfit = Unfit.TOO_BIG
        elif self.unfit is None and not self._portion.take(len(piece)):
            self.unfit = Unfit.NO_ROOM
        if self.unfit is None:
            self.raw += piece
        else:
            self.raw.clear()
            self._portion.give_back()


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """Read a line, or as much of a longer one as the reader's limit allows; only whole lines end with CR LF."""
    try:
        return await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as error:
        return await reader.read(error.consumed)
