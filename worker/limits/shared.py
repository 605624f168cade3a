"""The limiter of a fleet: one Lua call each way, in the same server as the ledger. Without the server no permit."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger
from fleet.ledger.transitions import Transition
from worker.limits import rules
from worker.limits.permits import Ask, Blame, Change, HoldReason, NotNow, Permit, Refusal, Settled, Settlement
from worker.limits.rules import BULK_FLOOR, LONGEST_WAIT_MS, Budget, LimitsFile

_FOLDER = Path(__file__).with_name("scripts")

_CONSTANTS = (
    "BURST_MS",
    "LONGEST_SPREAD_MS",
    "LONGEST_HOLD_MS",
    "LONGEST_PAUSE_MS",
    "PROBE_MS",
    "FIRST_HOLD_MS",
    "HOLD_MS",
    "HOLD_GROWTH",
    "FIRST_PAID_HOLD_MS",
    "PAID_HOLD_MS",
    "HOLD_TICKETS",
    "DOUBT_TIMES",
    "STRIKES",
    "STRIKES_HELD",
    "LAST_REPLIES",
    "LEAST_REPLIES",
    "UNUSABLE_SHARE",
    "RESERVED_LIFE_MS",
    "WINDOW_MS",
    "LEAST_CALLS",
    "FIRST_OPEN_MS",
    "LONGEST_OPEN_MS",
    "LEARNING",
)
"""Of the rules, those that the scripts know by name."""


CALL_LIFE_S = 65.0
"""A call that nobody settled by then is booked by estimate: above the longest call's deadline."""

LIFE_BEYOND_DEADLINE_S = 20.0
_PROBE_BEFORE_LIFE_MS = 5_000


@cache
def source(name: str) -> str:
    """The text of a script without its constants."""
    return "".join((_FOLDER / f"{part}.lua").read_text("utf-8") for part in ("_state", name))


@dataclass(frozen=True, slots=True)
class _Script:
    """A script with its constants, under a name that no other text has."""

    name: str
    text: str


class SharedLimiter:
    """Permits from the fleet's server; LedgerUnavailableError when it cannot be asked, and then nothing is called."""

    def __init__(
        self, ledger: AsyncLedger, limits: LimitsFile, budget: Budget, *, call_life_s: float = CALL_LIFE_S
    ) -> None:
        self._ledger = ledger
        self._call_life_ms = int(call_life_s * 1000)
        self._limits = limits
        self._budget = budget
        self._scripts: dict[tuple[str, str, Lane | None], _Script] = {}

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        return await self._ledger.run(self.acquisition(ask))

    async def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Replace what was reserved by what was used; answers how the model stands, and whose fault a refusal is."""
        return await self._ledger.run(self.settling(permit, settlement))

    def acquisition(self, ask: Ask) -> Transition[Permit | NotNow]:
        """The script call that asks for a permit."""
        script = self._script("acquire", ask.model, ask.lane)
        refused_when_soft = int(ask.tier is Tier.FRONTIER and not ask.is_exempt)
        most = (ask.max_output_tokens, ask.reserve_nusd)
        args = (ask.input_tokens, ask.prompt, *most, refused_when_soft, self._name(ask))

        def read(raw: Any) -> Permit | NotNow:
            if raw[0] == b"no":
                return NotNow(Refusal(raw[1].decode()), raw[2] / 1000, raw[3] / 1000)
            _, wait_ms, minute, number, output, soft, probe = raw
            return Permit(ask, wait_ms / 1000, minute, number, output, bool(soft), bool(probe))

        return Transition(script.name, args, read, script.text)

    def settling(self, permit: Permit, settlement: Settlement) -> Transition[Settled]:
        """The script call that settles one; safe to run twice."""
        ask = permit.ask
        script = self._script("settle", ask.model)
        learnt = settlement.learnt
        args: tuple[str | int, ...] = (
            permit.minute,
            permit.number,
            *permit.tokens,
            *settlement.used(permit.tokens),
            ask.prompt,
            -1 if learnt is None else learnt,
            ask.reserve_nusd,
            settlement.cost_nusd,
            settlement.report,
            int(settlement.retry_after_s * 1000),
            int(permit.is_probe),
            settlement.ticket_id,
            settlement.reason or "",
            self._name(ask),
            int(settlement.is_estimated),
        )
        if any(settlement.seen):
            args += tuple(str(part) for shown in settlement.shown() for part in shown or ("", ""))
        return Transition(script.name, args, _settled, script.text)

    def _name(self, ask: Ask) -> str:
        """Name a call for `lost.lua`, which books it where nobody settles it."""
        reserved = ask.reserve_nusd if self._budget.day_nusd is not None else 0
        return f"{ask.model}\t{reserved}\t{ask.likely_nusd}\t{ask.tier}\t{ask.ticket_id}"

    def _script(self, name: str, model: str, lane: Lane | None = None) -> _Script:
        found = self._scripts.get((name, model, lane))
        if found is None:
            text = self._constants(model, lane) + source(name)
            digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            found = self._scripts[name, model, lane] = _Script(f"limits.{name}.{digest}", text)
        return found

    def _constants(self, model: str, lane: Lane | None) -> str:
        budget = self._budget
        values: dict[str, str | float | bool | tuple[float, ...] | None] = {
            name: getattr(rules, name) for name in _CONSTANTS
        }
        values["PROBE_MS"] = max(rules.PROBE_MS, self._call_life_ms - _PROBE_BEFORE_LIFE_MS)
        values |= {"MODEL": model, "RATES": self._limits.of(model).per_ms}
        if lane is None:
            values |= {"DAY_CAPPED": budget.day_nusd is not None, "MINUTE_CAPPED": budget.minute_nusd is not None}
        else:
            values |= {
                "LANE": lane.value,
                "FLOOR": BULK_FLOOR if lane is Lane.BULK else 0,
                "LONGEST_WAIT_MS": LONGEST_WAIT_MS[lane],
                "DAY_USABLE": budget.usable_nusd(lane),
                "SOFT_FROM": budget.soft_nusd,
                "MINUTE_CAP": budget.minute_nusd,
                "CALL_LIFE_MS": self._call_life_ms,
            }
        reasons = f"local HOLD_REASONS = {{{', '.join(_lua(reason.value) for reason in HoldReason)}}}\n"
        return reasons + "".join(f"local {name} = {_lua(value)}\n" for name, value in values.items())


def _settled(raw: Any) -> Settled:
    is_closed, blame, times, change, reason, change_ms = raw
    return Settled(
        bool(is_closed),
        Blame(blame.decode()),
        times,
        Change(change.decode()),
        HoldReason(reason.decode()) if reason else None,
        change_ms / 1000,
    )


def _lua(value: str | float | bool | tuple[float, ...] | None) -> str:
    """Write a constant as Lua does."""
    if isinstance(value, str):
        return '"' + "".join(f"\\{byte:03d}" for byte in value.encode()) + '"'
    if isinstance(value, tuple):
        return "{" + ", ".join(map(repr, value)) + "}"
    return "nil" if value is None else repr(value).lower()
