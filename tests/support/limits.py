"""A limiter on a bench: either of the two, on a clock that only the test moves, without an event loop."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

import redis

from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, Ledger
from tests.support.clock import KEY, START_MS, Clock
from worker.domain import Seen
from worker.limits import shared
from worker.limits.memory import MemoryLimiter
from worker.limits.permits import Ask, HoldReason, NotNow, Permit, Report, Settled, Settlement
from worker.limits.rules import PACE, Budget, LimitsFile, ModelLimits
from worker.limits.shared import SharedLimiter

T = TypeVar("T")

MODEL = "a-small-model"
OTHER = "a-frontier-model"
WIDE = 1e12
_TIME = "local t = redis.call('TIME')\nlocal now = t[1] * 1000 + math.floor(t[2] / 1000)"


def per_second(value: float) -> float:
    """Give the limit per minute of which the fleet uses this much a second."""
    return value * 60 / PACE


def limits(
    requests_per_s: float | None = None, input_per_s: float | None = None, output_per_s: float | None = None
) -> LimitsFile:
    """Make limits; what is left out is no limit."""
    rates = (WIDE if rate is None else per_second(rate) for rate in (requests_per_s, input_per_s, output_per_s))
    requests, inputs, outputs = rates
    return LimitsFile(
        default=ModelLimits(
            requests_per_minute=requests, input_tokens_per_minute=inputs, output_tokens_per_minute=outputs
        )
    )


def seen(
    requests: tuple[float, float] | None = None,
    inputs: tuple[float, float] | None = None,
    outputs: tuple[float, float] | None = None,
) -> tuple[Seen | None, Seen | None, Seen | None]:
    """Make what headers show, as (limit, remaining) of each resource."""
    first, second, third = (None if pair is None else Seen(*pair) for pair in (requests, inputs, outputs))
    return (first, second, third)


class TestClock(Protocol):
    """What tests need of a clock."""

    now: int

    def advance(self, ms: int) -> None:
        """Let time pass; less than nothing is a clock that was put back."""


@dataclass
class FakeClock:
    """A clock in memory."""

    now: int = START_MS

    def advance(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms


class AnyLimiter(Protocol):
    """Both limiters, without waiting."""

    def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve."""
        ...

    def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Settle."""
        ...


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waited")


@dataclass
class InMemory:
    """The twin."""

    limiter: MemoryLimiter

    def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve."""
        return at_once(self.limiter.acquire(ask))

    def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Settle."""
        return at_once(self.limiter.settle(permit, settlement))


@dataclass
class OnServer:
    """The scripts, run by a blocking ledger."""

    ledger: Ledger
    limiter: SharedLimiter

    def acquire(self, ask: Ask) -> Permit | NotNow:
        """Reserve."""
        return self.ledger.run(self.limiter.acquisition(ask))

    def settle(self, permit: Permit, settlement: Settlement) -> Settled:
        """Settle."""
        return self.ledger.run(self.limiter.settling(permit, settlement))


def in_memory(limits_file: LimitsFile, budget: Budget, waiting: int = 0) -> "Desk":
    """Make a desk on the twin."""
    clock = FakeClock()
    limiter = MemoryLimiter(limits_file, budget, lambda: clock.now, lambda _lane: waiting)
    return Desk(InMemory(limiter), clock)


def on_server(ledger: Ledger, client: redis.Redis, limits_file: LimitsFile, budget: Budget, waiting: int = 0) -> "Desk":
    """Make a desk on the scripts; the server is flushed, and `limiter_under_test_clock` has to be in force."""
    client.flushall()
    if waiting:
        ids = {f"t{n}": n for n in range(waiting)}
        for name in ("tf:due", *(f"tf:open:{lane}" for lane in Lane)):
            client.zadd(name, ids)
    url = "redis://127.0.0.1:1/0"  # never connected to: the scripts are run by the blocking ledger
    return Desk(OnServer(ledger, SharedLimiter(AsyncLedger(url), limits_file, budget)), Clock(client))


@contextmanager
def limiter_under_test_clock(*edits: tuple[str, str]) -> Iterator[None]:
    """Make the limiter's scripts read the time from a key; further edits replace text of theirs."""
    before = shared.source

    def source(name: str) -> str:
        text = before(name)
        for old, new in ((_TIME, f"local now = tonumber(redis.call('GET', '{KEY}'))"), *edits):
            assert text.count(old) == 1 or (old, new) in edits, old
            text = text.replace(old, new)
        return text

    with patch.object(shared, "source", source):
        yield


@dataclass
class Desk:
    """Where permits are asked for: short words, and answers that are what the test expects or an error."""

    limiter: AnyLimiter
    clock: TestClock
    permits: list[Permit] = field(default_factory=list)

    def ask(
        self,
        model: str = MODEL,
        *,
        lane: Lane = Lane.NORMAL,
        tier: Tier = Tier.SMALL,
        prompt: str = "p1",
        inputs: int = 0,
        most: int = 0,
        reserve: int = 0,
        is_exempt: bool = False,
    ) -> Permit | NotNow:
        """Ask for a permit; nothing but a request unless told."""
        answer = self.limiter.acquire(Ask(model, tier, lane, prompt, inputs, most, reserve, is_exempt))
        if isinstance(answer, Permit):
            self.permits.append(answer)
        return answer

    def go(self, model: str = MODEL, **values: Any) -> Permit:
        """Ask and get one, with or without a wait."""
        answer = self.ask(model, **values)
        assert isinstance(answer, Permit), answer
        return answer

    def no(self, model: str = MODEL, **values: Any) -> NotNow:
        """Ask and get none."""
        answer = self.ask(model, **values)
        assert isinstance(answer, NotNow), answer
        return answer

    def drain(self, model: str = MODEL, **values: Any) -> int:
        """Take permits until there is none without a wait; answers how many there were."""
        for count in range(100_000):
            answer = self.ask(model, **values)
            if isinstance(answer, NotNow):
                return count
            if answer.wait_s:
                self.settle(answer, Report.NOT_SENT)
                return count
        raise AssertionError("there is no limit")

    def settle(
        self,
        permit: Permit,
        report: Report = Report.GOOD,
        *,
        inputs: int | None = None,
        output: int | None = None,
        cost: int = 0,
        retry_after_s: float = 0.0,
        shown: tuple[Seen | None, Seen | None, Seen | None] = (None, None, None),
        ticket: str = "",
        reason: HoldReason | None = None,
    ) -> Settled:
        """Settle, with as much as was reserved where a good call's figures are left out."""
        if report is Report.GOOD:
            inputs = permit.tokens[0] if inputs is None else inputs
            output = permit.tokens[1] if output is None else output
        if report is Report.HOLD and reason is None:
            reason = HoldReason.SPEND_LIMITED
        settlement = Settlement(report, inputs, output, cost, retry_after_s, shown, ticket, reason)
        return self.limiter.settle(permit, settlement)

    def call(self, model: str = MODEL, report: Report = Report.GOOD, **values: Any) -> Settled:
        """Get a permit and settle it."""
        return self.settle(self.go(model), report, **values)


MakeDesk = Callable[..., Desk]
