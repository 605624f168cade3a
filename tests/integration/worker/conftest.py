"""What the tests of the worker's parts share: the simulator as a process, and a workbench around a Looker."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from fleet.settings import Settings, load_settings
from tests.support.simulator import Simulator

MakeSettings = Callable[..., Settings]


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
def make_settings(simulator: Simulator) -> MakeSettings:
    """Make settings that point at the simulator."""

    def make(**changes: Any) -> Settings:
        values: dict[str, Any] = {"anthropic_api_key": "sk-test", "anthropic_base_url": simulator.url}
        return load_settings({}, **(values | changes))

    return make
