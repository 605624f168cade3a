import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from producers.intake import hinting
from producers.intake.hinting import FEW, Hinting

SMALL = "triage.small"


class Broker:
    """Remembers what it was sent; fails while told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[list[str], int, int]] = []
        self.tries = 0
        self.is_away = False

    def look_each(self, dispatch: Sequence[tuple[str, str]], *, at_ms: int, size: int = 1) -> None:
        self.tries += 1
        if self.is_away:
            raise OSError("no broker")
        self.sent.append(([ticket_id for ticket_id, _ in dispatch], at_ms, size))


def run(work: Callable[[Hinting], None], broker: Broker, **options: Callable[[], float]) -> int:
    """Let `work` add hints on a loop, then close; answers how many hints were not sent."""
    lost: list[int] = []

    async def inside() -> None:
        gathered = Hinting(broker, lost.append, **options)
        work(gathered)
        await asyncio.to_thread(gathered.close)

    asyncio.run(inside())
    return sum(lost)


def test_tickets_of_an_instant_travel_together_under_the_earliest_time() -> None:
    broker = Broker()

    def work(gathered: Hinting) -> None:
        for n, at_ms in enumerate((30, 10, 20)):
            gathered.add(f"t{n}", SMALL, at_ms)

    assert run(work, broker) == 0
    assert broker.sent == [(["t0", "t1", "t2"], 10, 1)]


def test_of_many_tickets_several_stand_in_a_hint() -> None:
    broker = Broker()

    def work(gathered: Hinting) -> None:
        for n in range(FEW + 1):
            gathered.add(f"t{n}", SMALL, 1)

    run(work, broker)
    assert broker.sent[0][2] == FEW


def test_a_broker_that_is_away_is_left_alone_for_a_while() -> None:
    broker, now = Broker(), [0.0]
    broker.is_away = True
    lost: list[int] = []

    async def inside() -> None:
        gathered = Hinting(broker, lost.append, clock=lambda: now[0])
        for at in (0.0, 1.0, hinting.PAUSE_S + 1):
            now[0] = at
            gathered.add(f"t{at}", SMALL, 1)
            gathered._flush()
            await asyncio.to_thread(gathered._thread.submit(lambda: None).result)
        await asyncio.to_thread(gathered.close)

    asyncio.run(inside())
    assert (sum(lost), broker.tries) == (3, 2)


def test_hints_beyond_the_bound_are_left_to_the_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hinting, "MOST_WAITING", 5)
    held = threading.Event()

    class SlowBroker(Broker):
        def look_each(self, dispatch: Sequence[tuple[str, str]], *, at_ms: int, size: int = 1) -> None:
            held.wait(10)
            super().look_each(dispatch, at_ms=at_ms, size=size)

    broker = SlowBroker()

    def work(gathered: Hinting) -> None:
        for n in range(8):
            gathered.add(f"t{n}", SMALL, 1)
            gathered._flush()
        held.set()

    assert run(work, broker) == 3
    assert len(broker.sent) == 5
