"""Redaction: the secrets that this process has read do not stand in what it writes, whoever worded the message."""

import json
import sys
import threading
import traceback
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import quote

from fleet.addresses import secrets_in

SHORTEST = 8
"""What is shorter is left: it would be found inside ordinary words, and make every message unreadable."""

LONG = 16

MASK = "***"

_secrets: set[str] = set()
"""Of this process, as its environment is. A second defence only: no message should hold one in the first place."""


def remember(*values: str) -> None:
    """Keep these out of messages: each as a whole, line by line, and what an address holds of a login."""
    for value in values:
        _secrets.update(_pieces(value))


def redacted(text: str) -> str:
    """Mask every secret of this process in a text."""
    if not any(secret in text for secret in _secrets):
        return text
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def guard_tracebacks() -> None:
    """Mask secrets in the traceback that ends a process or a thread: a library's message may hold one."""
    sys.excepthook = _show
    threading.excepthook = lambda ended: _show(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _show(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


def _several(value: str) -> Iterable[str]:
    # Some hold more than one while a new one comes in use; short words are those of a pass phrase.
    return (part for part in value.replace(",", " ").split() if len(part) >= LONG)


def _pieces(value: str) -> Iterable[str]:
    # Of an address its secret parts; of anything else each line, too, for a library may show no more than that.
    found = set(secrets_in(value)) if "://" in value else {value, *value.splitlines(), *_several(value)}
    found |= {written for part in found for written in (quote(part, safe=""), json.dumps(part)[1:-1])}
    return {part.strip() for part in found if len(part.strip()) >= SHORTEST}
