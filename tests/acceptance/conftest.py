"""What the acceptance tests share: one simulator per latency, and one fleet for the tests that break no process."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from ops.demo.fleet import LocalFleet
from ops.demo.processes import free_port
from tests.support.fleets import QUARANTINE, running_fleet, workers
from tests.support.simulator import Simulator

SimulatorAt = Callable[[float], Simulator]

CALM_LATENCY = 0.5


@pytest.fixture(scope="session")
def _simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorAt]:
    folder = tmp_path_factory.mktemp("simulators")
    environment = dict(os.environ) | {"PYTHONUNBUFFERED": "1"}  # noqa: TID251 - a child gets all of it
    running: dict[float, Simulator] = {}

    def at(latency: float) -> Simulator:
        if latency not in running:
            running[latency] = Simulator(folder, latency, environment)
            running[latency].start()
        return running[latency]

    yield at
    for simulator in running.values():
        simulator.stop()


@pytest.fixture
def simulator_at(_simulators: SimulatorAt) -> SimulatorAt:
    """Give the simulator of a latency, clean; it is started once and serves one test after the other."""

    def clean(latency: float) -> Simulator:
        simulator = _simulators(latency)
        simulator.reset()
        return simulator

    return clean


@dataclass(frozen=True)
class Calm:
    """A fleet whose processes nobody kills, and its simulator. Each test brings tickets with names of its own."""

    fleet: LocalFleet
    simulator: Simulator


@pytest.fixture(scope="session")
def _calm(_simulators: SimulatorAt) -> Iterator[Calm]:
    simulator = _simulators(CALM_LATENCY)
    # All of them are told the same port: each takes the next free one.
    port = str(free_port())
    with running_fleet((workers(2), QUARANTINE), simulator, TRIAGE_METRICS_PORT=port) as fleet:
        yield Calm(fleet, simulator)


@pytest.fixture
def calm(_calm: Calm) -> Calm:
    """The shared fleet, its simulator clean."""
    _calm.simulator.reset()
    return _calm
