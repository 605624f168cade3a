"""Settle, by estimate, the model calls that nobody settled: their worker was killed, froze or lost the server.

The worst case that was reserved for them would else stay locked until the day ends; and counted as nothing, the bill
would pass the cap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from fleet.ledger import AsyncLedger
from fleet.ledger.scripts import prelude
from fleet.ledger.transitions import Transition

_log = structlog.get_logger("limits")

EVERY_S = 5.0
MOST = 100
_SCRIPT = (Path(__file__).with_name("scripts") / "lost.lua").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class LostCalls:
    """Safe in every worker at once: whoever finds a call books it. `on_call` gets model, tier and nano-dollars."""

    ledger: AsyncLedger
    on_call: Callable[[str, str, int], None] = lambda _model, _tier, _nusd: None

    async def look(self) -> None:
        """Book what is due."""
        found = await self.ledger.run(book_lost_calls())
        for model, tier, nusd in found:
            self.on_call(model, tier, nusd)
        if found:
            _log.warning("calls_lost", calls=len(found), estimated_nusd=sum(nusd for _, _, nusd in found))


def book_lost_calls() -> Transition[list[tuple[str, str, int]]]:
    """The script call: answers (model, tier, estimated nano-dollars) of each call it booked."""

    def read(raw: Any) -> list[tuple[str, str, int]]:
        named = zip(raw[::3], raw[1::3], raw[2::3], strict=True)
        return [(model.decode(), tier.decode(), nusd) for model, tier, nusd in named]

    # Asked for when it runs, not when this is imported: tests put another clock into the prelude.
    return Transition("limits.lost", (MOST,), read, prelude() + _SCRIPT)
