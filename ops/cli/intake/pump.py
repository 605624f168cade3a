"""One batch is read while the one before it is taken in, and the one before that hinted at.

Python and the ledger's server work at the same time so.
"""

import gc
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from ops.cli.intake.inputs import Refusal
from ops.cli.intake.submission import Batch
from producers.files.rows import Found

BATCH = 1_000
BATCH_CHARS = 4 * 1024 * 1024
"""Text of one batch; two batches are in memory at a time."""


class Taker(Protocol):
    """What is needed of `Submission`."""

    def prepare(self, found: Sequence[Found | Refusal]) -> Batch:
        """Do what needs no server."""
        ...

    def begin(self, batch: Batch) -> None:
        """Send a batch."""
        ...

    def finish(self, batch: Batch) -> None:
        """See what became of it."""
        ...


SWITCH_S = 0.0005
"""How long a thread may keep Python to itself while another wants it; the usual 5 ms would let the server wait."""

GARBAGE = 50_000
"""New objects before a search for cycles, of which tickets make none: the usual 700 costs an eighth of an import."""


class Pump:
    """Gathers batches and sends them by a thread, in order. What sending raises comes out of the next call.

    `stopping` is set when the block ends with an error, for a sender that waits for room.
    """

    def __init__(self, taker: Taker, stopping: threading.Event) -> None:
        self._taker = taker
        self._stopping = stopping
        self._before = sys.getswitchinterval(), gc.get_threshold()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="accept")
        self._gathered: list[Found | Refusal] = []
        self._chars = 0
        self._under_way: Future[None] | None = None
        self._begun: Batch | None = None

    def __enter__(self) -> Self:
        sys.setswitchinterval(SWITCH_S)
        gc.set_threshold(GARBAGE, *self._before[1][1:])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stopping.set()
            self._thread.submit(self._step, None)  # what was sent is counted; it waits for nothing any more
        self._thread.shutdown(wait=True)
        sys.setswitchinterval(self._before[0])
        gc.set_threshold(*self._before[1])

    def add(self, item: Found | Refusal) -> bool:
        """Take an item; a full batch is sent, and the answer is true then."""
        self._gathered.append(item)
        if isinstance(item, Found):
            self._chars += len(item.ticket.body) + len(item.ticket.quoted)
        if len(self._gathered) >= BATCH or self._chars >= BATCH_CHARS:
            self.flush()
            return True
        return False

    def flush(self) -> None:
        """Send what is there, after what is under way."""
        found, self._gathered, self._chars = self._gathered, [], 0
        batch = self._taker.prepare(found)
        self.settle()
        if found:
            self._under_way = self._thread.submit(self._step, batch)

    def flush_if_free(self) -> None:
        """Send what is there unless it would have to wait: nothing else comes at the moment."""
        if self._under_way is not None and not self._under_way.done():
            return
        if self._gathered:
            self.flush()
        elif self._begun is not None:
            self._end()

    def close(self) -> None:
        """Send what is there, and see what became of all."""
        self.flush()
        self._end()
        self.settle()

    def settle(self) -> None:
        """Wait for what is under way."""
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def _end(self) -> None:
        self.settle()
        self._under_way = self._thread.submit(self._step, None)

    def _step(self, batch: Batch | None) -> None:
        """Send a batch, then look at the one before, while the server works on this one."""
        if batch is not None:
            self._taker.begin(batch)
        begun, self._begun = self._begun, batch
        if begun is not None:
            self._taker.finish(begun)
