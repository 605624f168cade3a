import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import LedgerFullError, PermanentError
from producers.intake.patience import Backoff, until_accepted

SHORT = Backoff(first_s=0.0001, longest_s=0.001)


def failing(times: int, error: Exception) -> tuple[Callable[[], Awaitable[str]], list[int]]:
    tries: list[int] = []

    async def attempt() -> str:
        tries.append(len(tries))
        if len(tries) <= times:
            raise error
        return "accepted"

    return attempt, tries


def test_what_is_not_accepted_is_tried_until_it_is() -> None:
    attempt, tries = failing(5, LedgerFullError("full"))
    assert asyncio.run(until_accepted(attempt, asyncio.Event(), backoff=SHORT)) == "accepted"
    assert len(tries) == 6


def test_told_to_stop_it_answers_that_nothing_was_taken() -> None:
    stop = asyncio.Event()

    async def attempt() -> str:
        stop.set()
        raise LedgerFullError("full", retry_after_s=3600)

    assert asyncio.run(until_accepted(attempt, stop)) is None


def test_once_stopped_nothing_is_tried_any_more() -> None:
    attempt, tries = failing(0, LedgerFullError("full"))
    stop = asyncio.Event()
    stop.set()
    assert asyncio.run(until_accepted(attempt, stop)) is None
    assert tries == []


def test_an_error_that_no_waiting_helps_is_raised() -> None:
    attempt, _ = failing(1, PermanentError("never"))
    with pytest.raises(PermanentError):
        asyncio.run(until_accepted(attempt, asyncio.Event(), backoff=SHORT))


@given(tries=st.integers(0, 10_000), chance=st.floats(0, 1), floor=st.floats(0, 10_000))
def test_a_pause_is_never_longer_than_the_bound_nor_shorter_than_asked(tries: int, chance: float, floor: float) -> None:
    backoff = Backoff()
    delay = backoff.delay_s(tries, chance, floor)
    assert min(floor, backoff.longest_s) <= delay <= backoff.longest_s


def test_pauses_grow() -> None:
    delays = [Backoff(0.2, 5).delay_s(tries, 1.0) for tries in range(7)]
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (0.2, 5)
