"""Mails that cannot be read: read one by one, and then left for a while, so that they hold up no others.

Either the connection broke on them, or the server said "done" and gave nothing.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable

import structlog

_log = structlog.get_logger("imap")

LEFT_FOR_S = 600.0
"""It may have been the line, or a server that has recovered since: so each is tried again after so long."""

STRIKES = 2
"""Failures in a row after which a mail is left: the first may have been the line, or a mail expunged meanwhile."""


class Suspects:
    """The mails of one folder that could not be read, and until when each of them has to wait.

    `left` is called for each mail that is set aside, each time.
    """

    def __init__(
        self, folder: str, clock: Callable[[], float] = time.monotonic, left: Callable[[], None] = lambda: None
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._left = left
        self._strikes: Counter[int] = Counter()
        self._left_until: dict[int, float] = {}

    def forget(self) -> None:
        """Forget all: the UIDs mean other mails now."""
        self._strikes.clear()
        self._left_until.clear()

    def broke(self, uids: Iterable[int], why: str) -> None:
        """Note that the connection broke, the server refused, or gave nothing, while these were read."""
        for uid in uids:
            self._strikes[uid] += 1
            if self._strikes[uid] >= STRIKES:
                self._set_aside(uid, why)

    def _set_aside(self, uid: int, why: str) -> None:
        self._left_until[uid] = self._clock() + LEFT_FOR_S
        self._left()
        message = f"tried again after {LEFT_FOR_S:.0f} s"
        _log.error("mail_unreadable", folder=self._folder, uid=uid, why=why, message=message)

    def were_read(self, uids: Iterable[int]) -> None:
        """Note that these can be read."""
        for uid in uids:
            self._strikes.pop(uid, None)
            self._left_until.pop(uid, None)

    def are_there(self, uids: Collection[int]) -> None:
        """Note which mails the whole folder has: what is gone from it is no suspect any more."""
        self.were_read([uid for uid in self._strikes if uid not in uids])

    def is_left(self, uid: int) -> bool:
        """Whether this one has to wait."""
        return self._clock() < self._left_until.get(uid, 0.0)

    def is_alone(self, uid: int) -> bool:
        """Whether this one has to be read by itself."""
        return uid in self._strikes

    @property
    def set_aside(self) -> list[int]:
        """The mails that could not be read so far, oldest first."""
        return sorted(self._left_until)
