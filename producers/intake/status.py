"""Is this producer alive, and is it ready: what its health endpoint answers."""

import time
from typing import Any

import structlog

from producers.intake.metrics import IntakeMetrics

_log = structlog.get_logger("intake")


class Status:
    """What is known of the source and of the ledger, told by those who use them."""

    def __init__(self, metrics: IntakeMetrics) -> None:
        self._metrics = metrics
        self._is_up = False
        self._was_up = False
        self._detail = "starting"
        self._lacking = ""
        self._ledger = "not asked yet"
        self._ledger_ok = False
        self._stall_s: float | None = None
        self._beat = time.monotonic()

    def up(self, detail: str = "connected") -> None:
        """Say that messages can come in."""
        if not self._is_up:
            _log.info("source_up", detail=detail)
            if self._was_up:
                self._metrics.reconnects.inc()
        self._is_up = self._was_up = True
        self._detail = detail
        self._metrics.up.set(1)
        self.beat()

    def down(self, detail: str) -> None:
        """Say why no message can come in."""
        if self._is_up or detail != self._detail:
            _log.warning("source_down", detail=detail)
        self._is_up, self._detail = False, detail
        self._metrics.up.set(0)
        self.beat()

    def lacking(self, what: str) -> None:
        """Say which messages do not come in although the source is connected; '' where all do."""
        if what and what != self._lacking:
            _log.warning("source_lacks", detail=what)
        self._lacking = what

    def beat(self) -> None:
        """Say that the source's own loop goes round."""
        self._beat = time.monotonic()

    def expect_beats(self, stall_s: float) -> None:
        """Have the process count as dead when `beat` was not called for so long (never, unless asked for)."""
        self._stall_s = stall_s

    def ledger_answered(self) -> None:
        """Say that the ledger's server is there."""
        self._ledger_ok, self._ledger = True, "ok"

    def ledger_failed(self, why: str) -> None:
        """Say that it is not."""
        self._ledger_ok, self._ledger = False, why

    @property
    def is_ready(self) -> bool:
        """Whether a message that comes now is likely to be accepted, and none is left behind."""
        return self._is_up and self._ledger_ok and not self._lacking

    @property
    def is_live(self) -> bool:
        """Whether the process still works; where not, only a restart helps."""
        return self._stall_s is None or time.monotonic() - self._beat < self._stall_s

    def describe(self) -> dict[str, Any]:
        """Say all of it, for a person with curl."""
        return {
            "ready": self.is_ready,
            "live": self.is_live,
            "source": "; ".join(filter(None, (self._detail, self._lacking))),
            "source_up": self._is_up,
            "ledger": self._ledger,
        }
