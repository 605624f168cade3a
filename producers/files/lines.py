"""Lines of a file of any size: a line that never ends must not fill the memory."""

from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_BYTES = 1024 * 1024
"""A ticket's 64 KiB of text, every letter of it written as \\uXXXX, and its fields."""

_CHUNK = 64 * 1024


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield each line; one over the bound is cut just behind it (so that its length still tells) and skipped over."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            skip_rest(file)


def skip_rest(file: BinaryIO) -> None:
    """Pass over what is left of a line."""
    while chunk := file.readline(_CHUNK):
        if chunk.endswith(b"\n"):
            return
