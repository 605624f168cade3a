"""A file as it is read: bytes are counted, and whoever waits for a slow pipe hears of it."""

import io
import select
from collections.abc import Callable
from typing import Any

_BUFFER_BYTES = 256 * 1024
_IDLE_S = 0.2


class _Stream(io.RawIOBase):
    def __init__(self, file: Any, counted: Callable[[int], None], idle: Callable[[], None] | None) -> None:
        self._file = file
        self._counted = counted
        self._idle = idle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        while self._idle and not select.select([self._file], [], [], _IDLE_S)[0]:
            self._idle()
        count: int | None = self._file.readinto(buffer)
        self._counted(count or 0)
        return count


def open_stream(file: Any, counted: Callable[[int], None], idle: Callable[[], None] | None = None) -> io.BufferedReader:
    """Buffer a raw file; `idle` is called again and again while there is nothing to read yet."""
    return io.BufferedReader(_Stream(file, counted, idle if _can_wait(file) else None), _BUFFER_BYTES)


def _can_wait(file: Any) -> bool:
    try:
        select.select([file], [], [], 0)
    except (OSError, ValueError):  # no descriptor behind it
        return False
    return True
