"""The limiter's twin in memory, for one process and a clock that is handed in; held to the shared one's tests.

It is also the readable form of the two scripts: the same steps in the same order.
"""

import math
from collections import defaultdict
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from fleet.lanes import Lane, Tier
from worker.limits.permits import (
    Ask,
    NotNow,
    Permit,
    Refusal,
    Settled,
    Settlement,
)
from worker.limits.rules import (
    BULK_FLOOR,
    BURST_MS,
    DAY_MINUTES,
    LEARNING,
    LONGEST_SPREAD_MS,
    LONGEST_WAIT_MS,
    MINUTE_MS,
    PROBE_MS,
    RESERVED_LIFE_MS,
    Budget,
    LimitsFile,
)
from worker.limits.standing import Standing

DAY_MS = DAY_MINUTES * MINUTE_MS
UNKNOWN = 1e15
_Three = tuple[float, float, float]


def _three(value: float) -> list[float]:
    return [value, value, value]


@dataclass(slots=True)
class _Levels:
    """Buckets of one model; reservations not settled of this `minute` (`out`) and of the one before."""

    at: int
    minute: int
    level: list[float] = field(default_factory=lambda: _three(UNKNOWN))
    shown: list[float] = field(default_factory=lambda: _three(UNKNOWN))
    out: list[float] = field(default_factory=lambda: _three(0.0))
    before: list[float] = field(default_factory=lambda: _three(0.0))
    permits: int = 0

    def refill(self, told: _Three, now: int) -> tuple[list[float], list[float]]:
        """Bring the levels to this moment; answers rates and capacities. A clock put back refills nothing."""
        passed = max(0, now - self.at)
        rates = [min(ours, theirs) for ours, theirs in zip(told, self.shown, strict=True)]
        capacities = [max(rate * BURST_MS, 1) for rate in rates]
        filled = zip(capacities, self.level, rates, strict=True)
        self.level = [min(capacity, level + passed * rate) for capacity, level, rate in filled]
        self.at = now
        later = now // MINUTE_MS - self.minute
        if later > 0:
            # Reservations of dead workers are forgotten with their minute and the next: nobody will settle them.
            self.before = self.out if later == 1 else _three(0.0)
            self.out = _three(0.0)
        self.minute = now // MINUTE_MS
        return rates, capacities


@dataclass(slots=True)
class _Model:
    levels: _Levels
    standing: Standing = field(default_factory=Standing)
    expected: dict[str, tuple[float, float]] = field(default_factory=dict)
    unsettled: set[int] = field(default_factory=set)


class MemoryLimiter:
    """Permits from this process's memory. `now_ms` is the clock, `waiting` how many tickets of a lane wait."""

    def __init__(
        self,
        limits: LimitsFile,
        budget: Budget,
        now_ms: Callable[[], int],
        waiting: Callable[[Lane], int] = lambda _lane: 0,
    ) -> None:
        self._limits = limits
        self._budget = budget
        self._now_ms = now_ms
        self._waiting = waiting
        self._models: dict[str, _Model] = {}
        self.spent: dict[int, int] = defaultdict(int)
        self.reserved: dict[int, int] = defaultdict(int)
        self._reserved_at: dict[int, int] = defaultdict(int)
        self._minutes: dict[int, int] = defaultdict(int)

    async def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve everything one call needs, or nothing."""
        now = self._now_ms()
        model = self._model(ask.model, now)
        levels, breaker = copy(model.levels), copy(model.standing.breaker)
        rates, capacities = levels.refill(self._limits.of(ask.model).per_ms, now)
        costs = (1, ask.input_tokens, _expected_output(model, ask))

        def no(refusal: Refusal, delay_ms: float) -> NotNow:
            each = max(cost / rate for cost, rate in zip(costs, rates, strict=True))
            spread_ms = math.ceil(min(self._waiting(ask.lane) * each, LONGEST_SPREAD_MS))
            return NotNow(refusal, math.ceil(delay_ms) / 1000, spread_ms / 1000)

        if breaker.until:
            breaker.forget_the_future(now)
            if now < breaker.until:
                return no(breaker.kind, breaker.until - now)
            if now < breaker.probe:
                return no(breaker.kind, 1000)
        refused, is_soft = self._money(ask, now)
        if refused is not None:
            return no(*refused)
        wait_ms, floor = 0.0, BULK_FLOOR if ask.lane is Lane.BULK else 0
        for cost, capacity, level, rate in zip(costs, capacities, levels.level, rates, strict=True):
            # What is larger than a bucket goes when it is full, and leaves a debt.
            needed = min(min(cost, capacity) + floor * capacity, capacity)
            wait_ms = max(wait_ms, (needed - level) / rate)
        longest = LONGEST_WAIT_MS[ask.lane]
        if wait_ms > longest:
            return no(Refusal.LIMIT, wait_ms - longest / 2)
        levels.level = [level - cost for level, cost in zip(levels.level, costs, strict=True)]
        levels.out = [out + cost for out, cost in zip(levels.out, costs, strict=True)]
        levels.permits += 1
        model.levels = levels
        model.unsettled.add(levels.permits)
        is_probe = breaker.until > 0
        if is_probe:
            breaker.probe = now + PROBE_MS
            model.standing.breaker = breaker
        minute = now // MINUTE_MS
        permit = Permit(ask, math.ceil(wait_ms) / 1000, minute, levels.permits, costs[2], is_soft, is_probe)
        if self._budget.day_nusd is not None:
            self.reserved[permit.day] += ask.reserve_nusd
            self._reserved_at[permit.day] = now
        self._minutes[minute] += ask.reserve_nusd
        return permit

    def _model(self, name: str, now: int) -> _Model:
        return self._models.setdefault(name, _Model(_Levels(now, now // MINUTE_MS)))

    def _money(self, ask: Ask, now: int) -> tuple[tuple[Refusal, float] | None, bool]:
        usable, soft, is_soft = self._budget.usable_nusd(ask.lane), self._budget.soft_nusd, False
        if usable is not None and soft is not None:
            day = now // DAY_MS
            spent = self.spent[day]
            is_soft = spent >= soft
            if is_soft and ask.tier is Tier.FRONTIER and not ask.is_exempt:
                return (Refusal.SOFT_CAP, 0), is_soft
            if spent + self.reserved[day] + ask.reserve_nusd > usable:
                # Calls under way hold more than they will cost, and what they give back is worth waiting for.
                if spent + ask.reserve_nusd <= usable and now - self._reserved_at[day] < RESERVED_LIFE_MS:
                    return (Refusal.RESERVED, 2000), is_soft
                return (Refusal.BUDGET, min(MINUTE_MS, DAY_MS - now % DAY_MS)), is_soft
        if self._budget.minute_nusd is not None:
            used = self._minutes[now // MINUTE_MS]
            if used > 0 and used + ask.reserve_nusd > self._budget.minute_nusd:
                return (Refusal.MINUTE_BUDGET, MINUTE_MS - now % MINUTE_MS), is_soft
        return None, is_soft

    async def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Replace what was reserved by what was used; answers how the model stands, and whose fault a refusal is."""
        now = self._now_ms()
        model = self._model(permit.ask.model, now)
        breaker = copy(model.standing.breaker)
        breaker.forget_the_future(now)
        # A connection that breaks makes its client send the same settlement again.
        if permit.number in model.unsettled:
            model.unsettled.remove(permit.number)
            self._correct(model.levels, permit, settlement, now)
            if self._budget.day_nusd is not None:
                self.reserved[permit.day] -= permit.ask.reserve_nusd
            self.spent[permit.day] += settlement.cost_nusd
            self._minutes[permit.minute] += settlement.cost_nusd - permit.ask.reserve_nusd
            model.standing.breaker = breaker
            settled = model.standing.tell(permit, settlement, now)
            _learn(model, permit.ask.prompt, settlement.learnt)
            return settled
        return Settled(breaker.until > now)

    def _correct(self, levels: _Levels, permit: Permit, settlement: Settlement, now: int) -> None:
        levels.refill(self._limits.of(permit.ask.model).per_ms, now)
        reserved, used = (1, *permit.tokens), settlement.used(permit.tokens)
        place = {0: levels.out, 1: levels.before}.get(levels.minute - permit.minute)
        for i, shown in enumerate(settlement.shown()):
            if place is not None:
                place[i] = max(0, place[i] - reserved[i])
            levels.level[i] += reserved[i] - used[i]
            if shown is not None:
                # Somebody else uses the same key, or we were wrong: never believe in more than the provider does.
                levels.shown[i], trusted = shown
                levels.level[i] = min(levels.level[i], trusted - levels.out[i] - levels.before[i])


def _expected_output(model: _Model, ask: Ask) -> int:
    """The output a call of this prompt may need: mean plus two mean deviations, once there is experience."""
    if ask.prompt not in model.expected:
        return ask.max_output_tokens // 2
    mean, deviation = model.expected[ask.prompt]
    return min(math.ceil(mean + 2 * deviation) + 1, ask.max_output_tokens)


def _learn(model: _Model, prompt: str, got: int | None) -> None:
    if got is None:
        return
    mean, deviation = model.expected.get(prompt, (float(got), got / 4))
    off = got - mean
    model.expected[prompt] = (mean + off / LEARNING, deviation + (abs(off) - deviation) / LEARNING)
