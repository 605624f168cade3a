"""Whether the server keeps what it said it did: a mail put away must not be found again by the next search.

Some answer OK and keep nothing; believing them would fetch and mark the same mails for ever.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import structlog

from producers.imap.settings import Done

_log = structlog.get_logger("imap")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 600.0, 6 * 3_600.0

MOST_REMEMBERED = 100_000
"""Mails put away of which no search of the whole folder has told yet."""


class Marks:
    """The mails of one folder that the ledger holds and that were put away, until a search shows that they stay so.

    A mail that is found all the same is put away once more at once; after that it waits, longer each time, and `left`
    is called.
    """

    def __init__(
        self, folder: str, clock: Callable[[], float] = time.monotonic, left: Callable[[], None] = lambda: None
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._left = left
        self._ways: dict[int, Done] = {}
        self._tries: Counter[int] = Counter()
        self._until: dict[int, float] = {}

    def put_away(self, ways: Mapping[int, Done]) -> None:
        """Note that the server said of these that they are marked, moved or deleted."""
        for uid, way in ways.items():
            self._ways[uid] = way
            self._tries[uid] += 1
            self._until.pop(uid, None)
        while len(self._ways) > MOST_REMEMBERED:
            self._drop(next(iter(self._ways)))

    def is_held(self, uid: int) -> bool:
        """Whether the ledger holds this one already: it need not be read."""
        return uid in self._ways

    def due(self, found: Iterable[int]) -> dict[int, Done]:
        """Say which of the mails that a search has found are to be put away again now, and how."""
        return {uid: self._ways[uid] for uid in found if self.is_held(uid) and self._is_due(uid)}

    def _is_due(self, uid: int) -> bool:
        tries = self._tries[uid]
        if tries > 1 and uid not in self._until:
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(tries - 2, 10))
            self._until[uid] = self._clock() + pause_s
            self._left()
            message = f"the ledger holds it; tried again after {pause_s:.0f} s"
            _log.error("mark_not_kept", folder=self._folder, uid=uid, tries=tries, message=message)
        return self._clock() >= self._until.get(uid, 0.0)

    def are_there(self, uids: Collection[int]) -> None:
        """Note which untaken mails the whole folder has: what is not among them has stayed put away."""
        for uid in [uid for uid in self._ways if uid not in uids]:
            self._drop(uid)

    def forget(self) -> None:
        """Forget all: the UIDs mean other mails now."""
        for uid in list(self._ways):
            self._drop(uid)

    def _drop(self, uid: int) -> None:
        del self._ways[uid]
        del self._tries[uid]
        self._until.pop(uid, None)

    @property
    def not_kept(self) -> list[int]:
        """The mails that were put away and are there all the same, oldest first."""
        return sorted(uid for uid, tries in self._tries.items() if tries > 2 or uid in self._until)  # noqa: PLR2004 - once more, in vain
