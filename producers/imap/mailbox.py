"""One folder on the server: what in it is not taken yet, its bytes, and the mark once it is. Blocking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from producers.imap.answers import ARRIVED, SIZE, arrival_of, message_of, size_of
from producers.imap.failures import MailServerError
from producers.imap.marking import criteria, keeps_mark, put_away
from producers.imap.memory import Memory
from producers.imap.settings import Done, ImapSettings

_log = structlog.get_logger("imap")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as the server gave it; `is_cut` where it is longer than what was read."""

    uid: int
    raw: bytes
    received_at: datetime
    is_cut: bool = False


class Mailbox:
    """Works on the selected folder. UIDs are used only while it stays selected, for then they cannot change.

    What it raises is the IMAP library's; whoever calls it translates.
    """

    def __init__(self, client: Any, folder: str, settings: ImapSettings, memory: Memory) -> None:
        self.client = client
        self.folder = folder
        self._settings = settings
        self._memory = memory

    def prepare(self) -> None:
        """See to it that the folder exists into which mail is moved."""
        wanted = self._settings.done_folder
        if self._settings.done is Done.FLAG or self.client.folder_exists(wanted):
            return
        try:
            self.client.create_folder(wanted)
        except IMAPClientError:
            if not self.client.folder_exists(wanted):  # else another process was faster
                raise
        else:
            _log.info("folder_created", folder=wanted)

    def select(self) -> int:
        """Look at the folder afresh; answer how many messages lie in it, taken ones included."""
        state = self.client.select_folder(self.folder)
        if self._settings.done is Done.FLAG and not keeps_mark(state.get(b"PERMANENTFLAGS"), self._settings.mark):
            raise MailServerError(
                f"{self.folder}: the server does not keep the mark {self._settings.mark} (TRIAGE_IMAP_MARK), so taken "
                "mail could not be told from other mail: set TRIAGE_IMAP_DONE=move"
            )
        self._memory.selected(state.get(b"UIDVALIDITY"))
        return int(state[b"EXISTS"])

    def untaken(self, window: str) -> list[int]:
        """Search a part of the folder for what is not taken yet."""
        return list(self.client.search_uids([window, *criteria(self._settings)]))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Ask how large messages are, in bytes; those of which the server says nothing are left out."""
        found = self.client.fetch_items(uids, [SIZE], 0)
        return {uid: size for uid, item in found.items() if (size := size_of(item)) is not None}

    def fetch(self, uids: Sequence[int], most_bytes: int) -> list[Mail]:
        """Read messages without marking them as seen; those that the server does not give are left out."""
        largest = self._settings.max_bytes
        found = self.client.fetch_items(uids, [b"BODY.PEEK[]<0.%d>" % (largest + 1), ARRIVED, SIZE], most_bytes)
        now = datetime.now(UTC)
        return [
            Mail(uid, raw[:largest], arrival_of(item, now), len(raw) > largest)
            for uid, item in sorted(found.items())
            if (raw := message_of(item)) is not None
        ]

    def begin_idle(self) -> bool:
        """Have the server tell of changes until `end_idle`; False where it cannot."""
        if not self.client.has_capability("IDLE"):
            return False
        self.client.idle()
        return True

    def end_idle(self) -> None:
        """Go back to asking; a dead line shows here at the latest."""
        self.client.idle_done()

    def finish(self, ways: Mapping[int, Done], *, again: bool = False) -> None:
        """Mark, move or delete what the ledger holds, each in its way; `again` where the server did not keep it."""
        for way in Done:
            if uids := [uid for uid, chosen in ways.items() if chosen is way]:
                put_away(self.client, uids, way, self._settings, again=again)
