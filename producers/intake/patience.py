"""Trying again until the ledger takes a message, for sources that can wait: nothing else may be told "accepted"."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from fleet.errors import TransientError

_log = structlog.get_logger("intake")

T = TypeVar("T")

FIRST_S = 0.2
LONGEST_S = 5.0
"""Short beside an outage, so that a source catches up soon after it; long enough not to hammer a struggling server."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter, doubling up to a bound; what the error asks for is the floor."""

    first_s: float = FIRST_S
    longest_s: float = LONGEST_S

    def delay_s(self, tries: int, chance: float, floor_s: float = 0.0) -> float:
        """Answer how long to wait after so many failed tries; `chance` is random, from 0 to 1."""
        ceiling: float = min(self.longest_s, self.first_s * 2.0 ** min(tries, 30))
        return max(min(floor_s, self.longest_s), ceiling * chance)


async def until_accepted(
    attempt: Callable[[], Awaitable[T]],
    stop: asyncio.Event,
    *,
    backoff: Backoff = Backoff(),
    chance: Callable[[], float] = random.random,
) -> T | None:
    """Run `attempt` until it raises no TransientError; None where `stop` was set before: the message was not taken."""
    tries = 0
    while not stop.is_set():
        try:
            answer = await attempt()
        except TransientError as error:
            if not tries:
                _log.warning("not_accepted_yet", error=str(error), message="trying again until it is")
            await pause(stop, backoff.delay_s(tries, chance(), error.retry_after_s))
            tries += 1
        else:
            if tries:
                _log.info("accepted_again", tries=tries)
            return answer
    return None


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
