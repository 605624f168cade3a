"""Asking the standard library about broken input."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def attempt(read: Callable[[], T], fallback: T) -> T:
    """Ask the standard library; broken input makes it raise nearly anything, and the answer is then the fallback."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - IndexError, AttributeError, HeaderParseError and more have been seen
        return fallback
