"""Producer processes for tests: `triage ingest NAME` as anybody would start it, killed and started again."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from fleet.ledger.audit import audit
from fleet.ledger.reading import read_totals
from tests.support.server import embedded_server, free_port
from tests.support.waiting import wait_for


@dataclass
class ProducerProcess:
    """One `triage ingest NAME`, with its health port; `environment` holds its settings beside TRIAGE_REDIS_URL."""

    name: str
    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it (again), without waiting for anything."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}  # noqa: TID251
        own = {"TRIAGE_METRICS_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops.cli.main", "ingest", self.name],
                env=inherited | own | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_ready(self) -> None:
        """Wait until it says that it can take messages."""
        wait_for(f"{self.name} is ready", self.is_ready, explain=self.tail)

    def is_ready(self) -> bool:
        """Whether /readyz says so; a process that has ended fails here."""
        assert self.process is not None
        assert self.process.poll() is None, self.tail()
        return self.get("/readyz")[0] == 200

    def get(self, path: str) -> tuple[int, str]:
        """Ask its health port; (0, "") where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self, grace_s: float = 20.0) -> int:
        """SIGTERM, as a supervisor does; answers the exit code.

        Not before it answers at all: until Python has come that far, a signal simply ends it.
        """
        assert self.process is not None
        wait_for(f"{self.name} answers", lambda: self.get("/healthz")[0], explain=self.tail)
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=grace_s)

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])

    def close(self) -> None:
        """Make sure that it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


@contextmanager
def producer(name: str, folder: Path, url: str, **settings: str) -> Iterator[ProducerProcess]:
    """Run a producer until the end of the block; ready when the block begins."""
    made = ProducerProcess(name, {"TRIAGE_REDIS_URL": url, **settings}, folder / f"{name}.log")
    try:
        made.start()
        made.wait_ready()
        yield made
    finally:
        made.close()


class Outage:
    """A ledger's server that can go away with its data kept, and come back on the same port."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.url: str = server.connection_url

    def begin(self) -> None:
        """Take the server away, as kill -9 would."""
        self.server.terminate()

    def end(self) -> None:
        """Bring it back with what its log file holds."""
        self.server.start()


@contextmanager
def fragile_server(folder: Path) -> Iterator[Outage]:
    """Run a Valkey of its own, which the test may take away."""
    with embedded_server(data_dir=folder / "valkey", appendfsync="always") as server:
        yield Outage(server)


def accepted_bodies(url: str) -> list[str]:
    """The bodies of all tickets of a ledger: what was lost is missing, what came twice is there twice."""
    with redis.Redis.from_url(url) as client:
        keys: Any = list(client.scan_iter("tf:t:*", count=1000))
        payloads: Any = [client.hget(key, "payload") for key in keys]
    return sorted(json.loads(payload)["body"] for payload in payloads)


def check_ledger(url: str) -> None:
    """The books balance, and every set holds what it should."""
    with redis.Redis.from_url(url) as client:
        assert read_totals(client).is_balanced
        assert audit(client) == []
