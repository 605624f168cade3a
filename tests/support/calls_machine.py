"""The limiter as a state machine for Hypothesis: workers that ask, wait, send, end or die, on clocks that jump."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fleet.lanes import Lane, Tier
from tests.support.blames import Blames
from tests.support.limits import MODEL, OTHER, Desk
from tests.support.provider import Provider
from worker.limits.permits import NotNow, Permit, Refusal, Report, Settled
from worker.limits.rules import BURST_MS, Budget, LimitsFile, ModelLimits

LIMITS = LimitsFile(
    default=ModelLimits(requests_per_minute=600, input_tokens_per_minute=60_000, output_tokens_per_minute=24_000)
)
CAP = 20_000
DAY_BUDGET = Budget(day_nusd=CAP)
BOTH_BUDGETS = Budget(day_nusd=CAP, minute_nusd=15_000)
LONGEST_CALL_MS = 45_000
LARGEST_INPUT = 8_000
CAPACITY_S = (10.0, 13.0, 60.0)
"""Seconds' worth. Much tighter than the provider's sixty, so that a small leak shows: a burst of five, or a call larger
than that, and five more in which calls wait that were reserved before. Output is counted at the end of a call, so that
the output of the longest call's whole time may come in one instant: that is what the sixty are for."""

DAY_MS = 86_400_000
JUMPS = (1, 999, 5_000, 30_000, 60_000, 3_600_000, DAY_MS, -1, -5_000, -60_000, -3_600_000)

small_int = st.integers(0, 10_000)
tickets = st.sampled_from(["a", "b", "c", "d", "e", "f", "g"])


class CallsMachine(RuleBasedStateMachine):
    """One fleet, one or two limiters that must agree, and providers that must never be asked for too much."""

    def __init__(self, budget: Budget, *desks: Callable[[LimitsFile, Budget], Desk]) -> None:
        super().__init__()
        self.desks = [make(LIMITS, budget) for make in desks]
        self.real = 0.0
        limits = LIMITS.default.per_minute
        self.providers = {model: Provider(limits, CAPACITY_S) for model in (MODEL, OTHER)}
        self.numbers = count()
        self.waiting: list[tuple[float, int, tuple[Permit, ...]]] = []
        self.flying: list[tuple[tuple[Permit, ...], float, int, int]] = []
        self.spent: dict[int, int] = {}
        self.ended: list[tuple[Permit, ...]] = []
        self.blames = {model: Blames() for model in (MODEL, OTHER)}

    def _pass(self, ms: float) -> None:
        """Let real time pass; calls are sent when their wait is over, not before and not after."""
        until = self.real + ms
        while self.waiting and self.waiting[0][0] <= until:
            at, _, permits = heapq.heappop(self.waiting)
            self._send(max(at, self.real), permits)
        self.real = until
        for desk in self.desks:
            desk.clock.advance(round(ms))
        # No call is longer than its deadline.
        for call in [call for call in self.flying if self.real - call[1] >= LONGEST_CALL_MS]:
            self._end(call, Report.GOOD)

    def _send(self, at: float, permits: tuple[Permit, ...]) -> None:
        permit = permits[0]
        inputs = permit.tokens[0] * (7 + permit.number % 4) // 10
        output = permit.output_tokens * (5 + permit.number % 6) // 10
        self.providers[permit.ask.model].charge(at, requests=1, inputs=inputs)
        self.flying.append((permits, at, inputs, output))

    def _settle(self, permits: tuple[Permit, ...], report: Report, **values: object) -> Settled:
        answers = [
            desk.settle(permit, report, **values)  # type: ignore[arg-type]
            for desk, permit in zip(self.desks, permits, strict=True)
        ]
        assert len(set(answers)) == 1, answers
        return answers[0]

    def _end(self, call: tuple[tuple[Permit, ...], float, int, int], report: Report, ticket: str = "") -> None:
        self.flying.remove(call)
        permits, _, inputs, output = call
        permit = permits[0]
        self.ended.append(permits)
        if report is Report.GOOD:
            self.providers[permit.ask.model].charge(self.real, output=output)
            cost = permit.ask.reserve_nusd if permit.number % 3 else permit.ask.reserve_nusd // 10
            self.spent[permit.day] = self.spent.get(permit.day, 0) + cost
            settled = self._settle(permits, report, inputs=inputs, output=output, cost=cost)
        else:
            if report is Report.BAD:  # answered, perhaps, but the answer was lost
                self.providers[permit.ask.model].charge(self.real, output=output)
            settled = self._settle(permits, report, retry_after_s=float(permit.number % 40), ticket=ticket)
        self.blames[permit.ask.model].check(report, ticket, settled)

    def _ask(self, model: str, lane: Lane, inputs: int, most: int, reserve: int, *, is_frontier: bool) -> bool:
        tier = Tier.FRONTIER if is_frontier else Tier.SMALL
        values: dict[str, Any] = {"lane": lane, "tier": tier, "inputs": inputs, "most": most, "reserve": reserve}
        answers = [desk.ask(model, prompt=f"p{most}", **values) for desk in self.desks]
        assert len(set(answers)) == 1, answers
        answer = answers[0]
        if isinstance(answer, NotNow):
            assert answer.delay_s >= (0 if answer.refusal is Refusal.SOFT_CAP else 0.001)
            return False
        assert answer.wait_s <= 5.0
        permits = tuple(one for one in answers if isinstance(one, Permit))
        heapq.heappush(self.waiting, (self.real + answer.wait_s * 1000, next(self.numbers), permits))
        self._pass(0)
        return True

    @initialize()
    def begin(self) -> None:
        self._pass(0)

    @rule(
        model=st.sampled_from([MODEL, MODEL, OTHER]),
        lane=st.sampled_from(Lane),
        inputs=st.sampled_from([0, 10, 300, 2_000, LARGEST_INPUT]),
        most=st.sampled_from([20, 400, 1_000]),
        reserve=st.sampled_from([1, 10, 500, 4_000]),
        is_frontier=st.booleans(),
    )
    def ask(self, model: str, lane: Lane, inputs: int, most: int, reserve: int, *, is_frontier: bool) -> None:
        self._ask(model, lane, inputs, most, reserve, is_frontier=is_frontier)

    @rule(
        model=st.sampled_from([MODEL, OTHER]),
        lane=st.sampled_from(Lane),
        most=st.sampled_from([20, 400, 1_000]),
        reserve=st.sampled_from([1, 1, 500, 4_000]),
    )
    def a_crowd_asks_until_it_is_refused(self, model: str, lane: Lane, most: int, reserve: int) -> None:
        for _ in range(100):
            if not self._ask(model, lane, 100, most, reserve, is_frontier=False):
                return

    @rule(ms=st.sampled_from([1, 50, 100, 1_000, 3_000, 5_000, 20_000, 60_000, 120_000]))
    def time_passes(self, ms: int) -> None:
        for _ in range(0, ms, 5_000):  # in steps, so that calls end at their deadline
            self._pass(min(ms, 5_000))

    @precondition(lambda self: self.flying)
    @rule(which=small_int, report=st.sampled_from([Report.GOOD] * 5 + list(Report)[:-1]), ticket=tickets)
    def a_call_ends(self, which: int, report: Report, ticket: str) -> None:
        self._end(self.flying[which % len(self.flying)], report, ticket)

    @precondition(lambda self: self.flying)
    @rule(report=st.sampled_from([Report.REFUSED, Report.HOLD, Report.UNUSABLE]), names=st.lists(tickets, max_size=8))
    def calls_come_back_with_trouble(self, report: Report, names: list[str]) -> None:
        for call, ticket in zip(list(self.flying), names, strict=False):
            self._end(call, report, ticket)

    @precondition(lambda self: self.flying)
    @rule(report=st.sampled_from([Report.GOOD, Report.GOOD, Report.GOOD, Report.BAD]))
    def all_calls_end(self, report: Report) -> None:
        for call in list(self.flying):
            self._end(call, report)

    @precondition(lambda self: self.waiting)
    @rule(which=small_int)
    def a_call_is_not_sent(self, which: int) -> None:
        call = self.waiting.pop(which % len(self.waiting))
        heapq.heapify(self.waiting)
        self._settle(call[2], Report.NOT_SENT)

    @precondition(lambda self: self.waiting or self.flying)
    @rule(which=small_int)
    def a_worker_dies(self, which: int) -> None:
        place = which % (len(self.waiting) + len(self.flying))
        if place < len(self.waiting):
            self.waiting.pop(place)
            heapq.heapify(self.waiting)
            return
        permits, _, _, output = self.flying.pop(place - len(self.waiting))
        self.providers[permits[0].ask.model].charge(self.real, output=output)

    @precondition(lambda self: self.ended)
    @rule(which=small_int)
    def a_settlement_is_sent_again(self, which: int) -> None:
        self._settle(self.ended[-1 - which % len(self.ended)], Report.GOOD, inputs=0, output=0, cost=7)

    @rule(ms=st.sampled_from(JUMPS))
    def the_servers_clock_jumps(self, ms: int) -> None:
        for desk in self.desks:
            desk.clock.advance(ms)
        if ms > 0:
            # A step forward looks like idle time: it can give one burst more, and nothing else.
            for provider in self.providers.values():
                provider.widen(min(ms, BURST_MS) / 1000)

    @invariant()
    def no_day_costs_more_than_its_cap(self) -> None:
        assert all(spent <= CAP for spent in self.spent.values())
