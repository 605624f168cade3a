"""The limiter's twin in memory, for one process and a clock that is handed in; held to the shared one's tests.

It is also the readable form of the two scripts: the same steps in the same order.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from fleet.lanes import Lane, Tier
from worker.limits.permits import Ask, NotNow, Permit, Refusal, Report, Settlement
from worker.limits.rules import BULK_FLOOR, BURST_S, LONGEST_WAIT_MS, MARGIN, MINUTE_MS, PACE, Budget, LimitsFile
from worker.limits.shared import HOLD_MS, TOKEN_STEP

DAY_MS = 86_400_000
PROBE_MS = 60_000
WINDOW_MS = 15_000
FIRST_OPEN_MS = 15_000
LONGEST_OPEN_MS = 30_000
LEAST_CALLS = 10
LEARNING = 32


@dataclass(slots=True)
class _Model:
    at: float = 0.0
    levels: list[float] | None = None
    shown: list[float] = field(default_factory=lambda: [float("inf")] * 3)
    outstanding: dict[int, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    expected: dict[str, tuple[float, float]] = field(default_factory=dict)
    until: float = 0.0
    kind: Refusal = Refusal.BREAKER
    opened: int = 0
    probe: float = 0.0
    window: dict[int, dict[Report, int]] = field(default_factory=dict)


class MemoryLimiter:
    """Permits from this process's memory; `now_ms` is the clock."""

    def __init__(self, limits: LimitsFile, budget: Budget, now_ms: Callable[[], float]) -> None:
        self._limits = limits
        self._budget = budget
        self._now_ms = now_ms
        self._models: dict[str, _Model] = defaultdict(_Model)
        self.spent: dict[str, int] = defaultdict(int)
        self.reserved: dict[str, int] = defaultdict(int)
        self._minutes: dict[int, int] = defaultdict(int)

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        now, model = self._now_ms(), self._models[ask.model]
        is_probe = False
        if model.until:
            if now < model.until:
                return NotNow(model.kind, (model.until - now) / 1000)
            if model.probe > now:
                return NotNow(model.kind, 1.0)
            is_probe = True
        refused, is_soft = self._money(ask, now)
        if refused is not None:
            return refused
        output = _output_estimate(model, ask)
        costs = (1.0, float(ask.input_tokens), output)
        levels, wait_ms = self._levels(model, ask, costs, now)
        longest = LONGEST_WAIT_MS[ask.lane]
        if wait_ms > longest:
            return NotNow(Refusal.LIMIT, (wait_ms - longest / 2) / 1000)
        epoch = int(now // MINUTE_MS)
        model.at = max(now, model.at)
        model.levels = [level - cost for level, cost in zip(levels, costs, strict=True)]
        model.outstanding[epoch] = [o + cost for o, cost in zip(model.outstanding[epoch], costs, strict=True)]
        if is_probe:
            model.probe = now + PROBE_MS
        day = str(int(now // DAY_MS))
        self.reserved[day] += ask.reserve_nusd
        self._minutes[epoch] += ask.reserve_nusd
        return Permit(ask, max(0.0, wait_ms) / 1000, epoch, int(output), day, epoch, is_soft, is_probe)

    def _money(self, ask: Ask, now: float) -> tuple[NotNow | None, bool]:
        budget, is_soft = self._budget, False
        if budget.day_nusd is not None:
            day = str(int(now // DAY_MS))
            spent = self.spent[day]
            is_soft = spent >= budget.day_nusd * budget.soft_share
            if is_soft and ask.tier is Tier.FRONTIER and not ask.is_exempt:
                return NotNow(Refusal.SOFT_CAP, 0.0), is_soft
            usable = budget.day_nusd * (1.0 if ask.lane is Lane.URGENT else 1.0 - budget.urgent_share)
            if spent + self.reserved[day] + ask.reserve_nusd > usable:
                if spent + ask.reserve_nusd <= usable:
                    return NotNow(Refusal.RESERVED, 2.0), is_soft
                return NotNow(Refusal.BUDGET, min(MINUTE_MS, DAY_MS - now % DAY_MS) / 1000), is_soft
        if budget.minute_nusd is not None:
            used = self._minutes[int(now // MINUTE_MS)]
            if used and used + ask.reserve_nusd > budget.minute_nusd:
                return NotNow(Refusal.MINUTE_BUDGET, (MINUTE_MS - now % MINUTE_MS) / 1000), is_soft
        return None, is_soft

    def _levels(self, model: _Model, ask: Ask, costs: tuple[float, ...], now: float) -> tuple[list[float], float]:
        floor = BULK_FLOOR if ask.lane is Lane.BULK else 0.0
        levels, wait_ms = [], 0.0
        for i, per_minute in enumerate(self._limits.of(ask.model).per_minute):
            told = per_minute * PACE / MINUTE_MS
            rate, capacity = min(told, model.shown[i]), max(told * BURST_S * 1000, 1.0)
            before = capacity if model.levels is None else model.levels[i]
            level = min(capacity, before + max(0.0, now - model.at) * rate)
            needed = min(min(costs[i], capacity) + floor * capacity, capacity)
            wait_ms = max(wait_ms, (needed - level) / rate)
            levels.append(level)
        return levels, wait_ms

    async def settle(self, permit: Permit, settlement: Settlement) -> bool:
        """Replace what was reserved by what was used; answers whether the model is closed now."""
        now, model = self._now_ms(), self._models[permit.ask.model]
        self._correct(model, permit, settlement, now)
        got = settlement.output_tokens
        if settlement.report is Report.GOOD and got is not None:
            mean, deviation = model.expected.get(permit.ask.prompt, (float(got), got / 4))
            model.expected[permit.ask.prompt] = (
                mean + (got - mean) / LEARNING,
                deviation + (abs(got - mean) - deviation) / LEARNING,
            )
        self.reserved[permit.day] -= permit.ask.reserve_nusd
        self.spent[permit.day] += settlement.cost_nusd
        self._minutes[permit.minute] += settlement.cost_nusd - permit.ask.reserve_nusd
        self._tell_breaker(model, permit, settlement, now)
        return model.until > now

    def _correct(self, model: _Model, permit: Permit, settlement: Settlement, now: float) -> None:
        reserved = (1.0, float(permit.ask.input_tokens), float(permit.output_tokens))
        used = _used(settlement, reserved)
        this = int(now // MINUTE_MS)
        for epoch in [epoch for epoch in model.outstanding if epoch < this - 1]:
            del model.outstanding[epoch]
        if permit.epoch >= this - 1:
            model.outstanding[permit.epoch] = [
                o - r for o, r in zip(model.outstanding[permit.epoch], reserved, strict=True)
            ]
        levels = model.levels or [0.0, 0.0, 0.0]
        for i, seen in enumerate(settlement.seen):
            level = levels[i] + reserved[i] - used[i]
            if seen is not None:
                outstanding = sum(model.outstanding[epoch][i] for epoch in (this - 1, this))
                margin = seen.limit * MARGIN + (TOKEN_STEP if i else 0)
                level = min(level, seen.remaining - outstanding - margin)
                model.shown[i] = seen.limit / MINUTE_MS * PACE
            levels[i] = level
        model.levels = levels

    def _tell_breaker(self, model: _Model, permit: Permit, settlement: Settlement, now: float) -> None:
        report = settlement.report
        if report is Report.LIMITED:
            asked = now + settlement.retry_after_s * 1000
            if model.until > now and model.kind is Refusal.PAUSED:
                model.until = max(model.until, asked)
            else:
                _open(model, Refusal.PAUSED, asked)
        elif report is Report.HOLD:
            _open(model, Refusal.HELD, now + HOLD_MS)
        elif report is Report.BAD and permit.is_probe:
            _open(model, Refusal.BREAKER, now + min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** min(model.opened, 4)))
        else:
            if report is Report.GOOD and model.until and (permit.is_probe or model.until <= now):
                model.until, model.opened, model.probe = 0.0, 0, 0.0
            if model.until:
                model.probe = 0.0 if permit.is_probe else model.probe
            elif report in (Report.GOOD, Report.BAD):
                self._watch(model, report, now)

    def _watch(self, model: _Model, report: Report, now: float) -> None:
        half = int(now // WINDOW_MS)
        model.window = {e: counts for e, counts in model.window.items() if e >= half - 1}
        counts = model.window.setdefault(half, {Report.GOOD: 0, Report.BAD: 0})
        counts[report] += 1
        good = sum(c[Report.GOOD] for c in model.window.values())
        bad = sum(c[Report.BAD] for c in model.window.values())
        if report is Report.BAD and good + bad >= LEAST_CALLS and bad >= good:
            model.window = {}
            _open(model, Refusal.BREAKER, now + FIRST_OPEN_MS)


def _open(model: _Model, kind: Refusal, until: float) -> None:
    model.until, model.kind, model.opened, model.probe = until, kind, model.opened + 1, 0.0


def _output_estimate(model: _Model, ask: Ask) -> float:
    if ask.prompt not in model.expected:
        return float(ask.max_output_tokens // 2)
    mean, deviation = model.expected[ask.prompt]
    return min(mean + 2 * deviation + 1, float(ask.max_output_tokens))


def _used(settlement: Settlement, reserved: tuple[float, ...]) -> tuple[float, float, float]:
    """What counts as used: what was sent but not answered keeps its input; a refused call used nothing but itself."""
    if settlement.report is Report.NOT_SENT:
        return (0.0, 0.0, 0.0)
    unanswered = 0.0 if settlement.report in (Report.LIMITED, Report.HOLD) else reserved[1]
    return (
        1.0,
        unanswered if settlement.input_tokens is None else float(settlement.input_tokens),
        0.0 if settlement.output_tokens is None else float(settlement.output_tokens),
    )
