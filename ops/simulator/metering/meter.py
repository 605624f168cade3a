"""Everything counted, in one place: limits, prompt cache, faults, statistics, bill, waiting times."""

import time
from collections.abc import Mapping, Sequence

from ops.simulator.faults.plan import Fault, FaultPlan
from ops.simulator.metering.latency import Latency
from ops.simulator.metering.limit_headers import limit_headers
from ops.simulator.metering.limits import Gate, Limits
from ops.simulator.metering.prices import PriceList
from ops.simulator.metering.prompt_cache import InputUsage, PromptCache
from ops.simulator.metering.segments import Breakpoint
from ops.simulator.metering.stats import Stats


class Meter:
    """The simulator's state between calls."""

    def __init__(
        self, limits: Limits, prices: PriceList, faults: Sequence[Fault], *, latency: float, seed: int
    ) -> None:
        self.latency = Latency(latency, seed)
        self.stats = Stats()
        self._limits = limits
        self._prices = prices
        self._seed = seed
        self._cache = PromptCache()
        self._gates: dict[str, Gate] = {}
        self.plan_faults(faults)

    def plan_faults(self, faults: Sequence[Fault]) -> None:
        """Replace the fault plan; its time windows start now."""
        self.plan = FaultPlan(faults, self._seed)

    def strike(self, model: str, text: str) -> Fault | None:
        """Return the fault that hits a call, and count it."""
        fault = self.plan.pick(model, text, time.monotonic())
        if fault is not None:
            self.stats.fault(fault.kind.value)
        return fault

    def admit(self, model: str, total: int, points: Sequence[Breakpoint], minimum: int) -> InputUsage:
        """Let a call in and say how its prompt counts, or raise 429."""
        now = time.monotonic()
        usage = self._cache.look(model, total, points, minimum, now)
        if not self._limits.unlimited:
            self._gate(model, now).admit(usage.limited, now)
        self._cache.keep(model, points, minimum, now)
        return usage

    def bill(self, model: str, usage: InputUsage, output_tokens: int) -> None:
        """Charge an answered call."""
        if not self._limits.unlimited:
            now = time.monotonic()
            self._gate(model, now).produced(output_tokens, now)
        cost = self._prices.cost(model, usage, output_tokens)
        self.stats.billed(model, usage, output_tokens, cost)

    def headers(self, model: str) -> Mapping[str, str]:
        """Return the rate-limit headers for a model; none where nothing is limited."""
        if self._limits.unlimited:
            return {}
        now = time.monotonic()
        return limit_headers(self._gate(model, now), now, time.time())

    def reset(self) -> None:
        """Forget cache, limits and statistics; the fault plan stays and starts anew."""
        self._cache.clear()
        self._gates.clear()
        self.stats.reset()
        self.plan_faults(self.plan.faults)

    def _gate(self, model: str, now: float) -> Gate:
        gate = self._gates.get(model)
        if gate is None:
            gate = self._gates[model] = Gate(self._limits.of(model), now)
        return gate
