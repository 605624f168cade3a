"""Mails on which a connection broke: read one by one, and then left for a while, so that they hold up no others."""

import time
from collections.abc import Callable, Iterable, Sequence

import structlog

_log = structlog.get_logger("imap")

LEFT_FOR_S = 600.0
"""It may have been the line, or a server that has recovered since: so each is tried again after so long."""


class Suspects:
    """What is remembered of one folder from connection to connection. Nothing of it is needed to lose no mail."""

    def __init__(self, folder: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._validity: int | None = None
        self._alone: set[int] = set()
        self._left_until: dict[int, float] = {}

    def selected(self, validity: int | None) -> None:
        """Note the folder's UIDVALIDITY; when it changes, the UIDs that are remembered mean other mails."""
        if self._validity not in (None, validity):
            _log.warning("uidvalidity_changed", folder=self._folder, message="all mail without our mark is read again")
            self._alone.clear()
            self._left_until.clear()
        self._validity = validity

    def broke(self, uids: Sequence[int]) -> None:
        """Note that the connection broke, or the server refused, while these were read."""
        if len(uids) > 1:
            self._alone.update(uids)
            return
        self._left_until[uids[0]] = self._clock() + LEFT_FOR_S
        _log.error("mail_unreadable", folder=self._folder, uid=uids[0], message=f"tried again after {LEFT_FOR_S:.0f} s")

    def were_read(self, uids: Iterable[int]) -> None:
        """Note that these can be read."""
        self._alone.difference_update(uids)

    def is_left(self, uid: int) -> bool:
        """Whether this one has to wait."""
        return self._clock() < self._left_until.get(uid, 0.0)

    def is_alone(self, uid: int) -> bool:
        """Whether this one has to be read by itself."""
        return uid in self._alone or uid in self._left_until
