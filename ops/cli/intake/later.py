"""Hints of one batch go out while the next batch is taken in."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ops.cli.intake.submission import HintFunction

MOST_WAITING = 20
"""Batches whose hints wait for a slow broker; the next one waits with them, for memory has an end."""


class LaterHints:
    """Calls `hint` by a thread, in order. A run that is killed meanwhile leaves them to the workers' reaper."""

    def __init__(self, hint: HintFunction) -> None:
        self._hint = hint
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hints")
        self._waiting: deque[Future[None]] = deque()

    def __call__(self, dispatch: Sequence[tuple[str, str]], at_ms: int, *, size: int) -> None:
        """Hint at (id, queue) pairs soon."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= MOST_WAITING):
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._hint, dispatch, at_ms, size=size))

    def close(self) -> None:
        """Wait until all are sent."""
        self._thread.shutdown(wait=True)
