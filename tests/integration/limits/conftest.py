"""What the tests of the limiters share: the same desk on each of the two."""

from collections.abc import Iterator

import pytest
import redis

from fleet.ledger import Ledger
from tests.support.limits import Desk, MakeDesk, in_memory, limiter_under_test_clock, limits, on_server
from worker.limits.rules import Budget, LimitsFile

NO_LIMITS = limits()
NO_BUDGET = Budget()


@pytest.fixture(params=["memory", pytest.param("server", marks=pytest.mark.integration)])
def make_desk(request: pytest.FixtureRequest) -> Iterator[MakeDesk]:
    """Make a desk on the limiter under test."""

    def memory(limits_file: LimitsFile = NO_LIMITS, budget: Budget = NO_BUDGET, waiting: int = 0) -> Desk:
        return in_memory(limits_file, budget, waiting)

    if request.param == "memory":
        yield memory
        return
    ledger: Ledger = request.getfixturevalue("ledger")
    client: redis.Redis = request.getfixturevalue("client")

    def server(limits_file: LimitsFile = NO_LIMITS, budget: Budget = NO_BUDGET, waiting: int = 0) -> Desk:
        return on_server(ledger, client, limits_file, budget, waiting)

    with limiter_under_test_clock():
        yield server
