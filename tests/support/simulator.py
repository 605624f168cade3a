"""A simulator of the API for tests: started once, asked for its books, told what to do wrong."""

import json
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.demo.processes import Child
from tests.support.waiting import wait_for


class Simulator:
    """One simulator process without limits. `latency` scales realistic waiting times (0: answers at once)."""

    def __init__(self, folder: Path, latency: float, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "ops.simulator", "--port", "0", "--latency", str(latency), "--unlimited"]
        command.append("--bill-dropped")  # as a provider may: what is not counted then is a bill above the books
        self._child = Child(f"simulator-{latency:g}", command, environment, folder / f"simulator-{latency:g}.log")
        self.url = ""

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._child.start()
        wait_for("the simulator listens", self._says_its_url, explain=self._child.tail)

    def _says_its_url(self) -> bool:
        lines = self._child.tail().splitlines()
        self.url = next((line for line in lines if line.startswith("http://")), "")
        assert self.url or self._child.is_alive, self._child.tail()
        return bool(self.url)

    def stop(self) -> None:
        """End the process."""
        self._child.stop(grace_s=5)

    def reset(self) -> None:
        """Forget counts and planned faults, so that the next test starts clean."""
        self.plan()
        self._ask("POST", "reset")

    def plan(self, *faults: Mapping[str, object]) -> None:
        """Put these faults in force instead of those before."""
        self._ask("PUT", "faults", {"faults": [dict(fault) for fault in faults]})

    def stats(self) -> dict[str, Any]:
        """Everything that was counted since the reset."""
        return self._ask("GET", "stats")

    def calls(self) -> int:
        """How many model calls were begun; one whose client was killed counts too, for the real one is paid."""
        stats = self.stats()
        ended = sum(sum(statuses.values()) for statuses in stats["calls"].values())
        return int(ended + stats["in_flight"])

    def _ask(self, method: str, what: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{what}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))
