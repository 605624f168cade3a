"""Being told to stop, by Ctrl-C or by a supervisor."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Terminated(KeyboardInterrupt):
    """SIGTERM came: end as after Ctrl-C."""


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM raise Terminated inside the block."""

    def end(_number: int, _frame: Any) -> None:
        raise Terminated

    previous = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
