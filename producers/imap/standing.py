"""How the folders of a mailbox stand together: what `/readyz` and the metrics say of the source."""

from producers.imap.memory import Memory
from producers.intake.metrics import Became, IntakeMetrics
from producers.intake.status import Status


class Standing:
    """What several folders have to say about one source: it is up when all of them are, and lacks what any does."""

    def __init__(self, status: Status, metrics: IntakeMetrics, folders: tuple[str, ...]) -> None:
        self._status = status
        self._metrics = metrics
        self._troubles = dict.fromkeys(folders, "starting")
        self._memories: dict[str, Memory] = {}

    def remember(self, folder: str) -> Memory:
        """Begin the memory of a folder."""
        self._memories[folder] = Memory(folder, lambda: self._metrics.message(Became.WITHHELD))
        return self._memories[folder]

    def up(self, folder: str) -> None:
        """Say that mail in this folder comes in."""
        self._troubles.pop(folder, None)
        self._tell()

    def down(self, folder: str, detail: str) -> None:
        """Say why it does not."""
        self._troubles[folder] = detail
        self._tell()

    def _tell(self) -> None:
        memories = self._memories.values()
        self._metrics.withheld.set(sum(memory.withheld for memory in memories))
        self._status.lacking("; ".join(filter(None, (memory.trouble() for memory in memories))))
        if self._troubles:
            self._status.down("; ".join(dict.fromkeys(self._troubles.values())))
        else:
            self._status.up("watching the mailbox")
