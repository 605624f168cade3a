"""What is remembered of one folder from connection to connection. Nothing of it is needed to lose no mail."""

from collections.abc import Callable, Collection

import structlog

from producers.imap.marks import Marks
from producers.imap.suspects import LEFT_FOR_S, Suspects

_log = structlog.get_logger("imap")

NAMED = 5
"""UIDs that are named where there are many."""


class Memory:
    """Mails that could not be read, mails put away, and the UIDVALIDITY that makes their UIDs mean anything.

    `left` is called for each mail that is set aside, each time.
    """

    def __init__(self, folder: str, left: Callable[[], None] = lambda: None) -> None:
        self.folder = folder
        self.suspects = Suspects(folder, left=left)
        self.marks = Marks(folder, left=left)
        self._validity: int | None = None

    def selected(self, validity: int | None) -> None:
        """Note the folder's UIDVALIDITY; when it changes, the UIDs that are remembered mean other mails."""
        if self._validity not in (None, validity):
            _log.warning("uidvalidity_changed", folder=self.folder, message="all mail without our mark is read again")
            self.suspects.forget()
            self.marks.forget()
        self._validity = validity

    def are_there(self, uids: Collection[int]) -> None:
        """Note which untaken mails the whole folder has."""
        self.suspects.are_there(uids)
        self.marks.are_there(uids)

    @property
    def withheld(self) -> int:
        """How many mails the server does not give, or does not let us put away."""
        return len(self.suspects.set_aside) + len(self.marks.not_kept)

    def trouble(self) -> str:
        """Say for a person which mails those are; '' where there are none."""
        told = []
        if unread := self.suspects.set_aside:
            told.append(
                f"{self.folder}: the server does not give {_mails(unread)}; tried again every {LEFT_FOR_S / 60:.0f} "
                "minutes, look at it with a mail program"
            )
        if not_kept := self.marks.not_kept:
            told.append(
                f"{self.folder}: the server does not keep that {_mails(not_kept)} is taken: set TRIAGE_IMAP_DONE=move, "
                r"or TRIAGE_IMAP_MARK=\Flagged"
            )
        return "; ".join(told)


def _mails(uids: list[int]) -> str:
    named = ", ".join(map(str, uids[:NAMED])) + (", …" if len(uids) > NAMED else "")
    return f"{len(uids):,} mail{'s' if len(uids) > 1 else ''} (UID {named})"
