"""What the tests of the limiters share: the same desk on each of the two."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import structlog

from fleet.ledger import Ledger
from fleet.settings import Settings, load_settings
from tests.support.limits import Desk, MakeDesk, in_memory, limiter_under_test_clock, limits, on_server
from tests.support.simulator import Simulator
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


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Log as in production: the default for developers draws every variable of a traceback, for seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def _simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path_factory.mktemp("simulator"), 0.0, {"PYTHONUNBUFFERED": "1"})
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(_simulator: Simulator) -> Simulator:
    """Give the simulator, without faults and counts of the test before."""
    _simulator.reset()
    return _simulator


@pytest.fixture
def make_settings(simulator: Simulator) -> Callable[..., Settings]:
    """Make settings that point at the simulator."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {"anthropic_api_key": "sk-test", "anthropic_base_url": simulator.url}
        return load_settings({}, **(values | changes))

    return make
