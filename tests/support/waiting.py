"""Waiting for a condition with a deadline, instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_S = 90.0
"""Generous: the machine of the tests may be busy with other things, and a condition that holds ends the wait."""

_PAUSE_S = 0.05


def wait_for(
    what: str,
    ask: Callable[[], T],
    *,
    deadline_s: float = DEADLINE_S,
    explain: Callable[[], object] = lambda: "",
) -> T:
    """Ask until the answer is true and give it back; an AssertionError says what did not come, and `explain`s."""
    end = time.monotonic() + deadline_s
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s:.0f} s: {what}\n{explain()}")
        time.sleep(_PAUSE_S)
    return answer
