"""Child processes with a log file each, and a supervisor that starts a dead one again."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTART_PAUSE_S = 0.5


def free_port() -> int:
    """Ask the system for a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Child:
    """One supervised process: how it is started, and the one that runs now."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    restarts: int = 0
    is_supervised: bool = True
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Start it (again); what it prints is added to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for us: we end the children in order
            )

    @property
    def pid(self) -> int:
        """Process id, or 0 before the start."""
        return self.process.pid if self.process else 0

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill -9, as the kernel does it when memory runs out."""
        if self.is_alive and self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self, grace_s: float = 15.0) -> int | None:
        """SIGTERM, and SIGKILL when the grace is over; answers the exit code."""
        self.is_supervised = False
        if self.process is None:
            return None
        if self.is_alive:
            self.process.terminate()
        try:
            return self.process.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def tail(self, lines: int = 20) -> str:
        """The end of its log, for an error message."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


class Supervisor:
    """Starts children and keeps them running until it is stopped."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def add(self, child: Child) -> Child:
        """Start a child and watch it from now on."""
        child.start()
        self.children.append(child)
        if not self._thread.is_alive():
            self._thread.start()
        return child

    def _watch(self) -> None:
        while not self._is_stopping.wait(RESTART_PAUSE_S):
            for child in self.children:
                if child.is_supervised and not child.is_alive:
                    child.restarts += 1
                    child.start()

    def stop(self, grace_s: float = 15.0) -> None:
        """End all children, side by side, each with its grace."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        for child in self.children:
            child.is_supervised = False
            if child.is_alive and child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + grace_s
        for child in reversed(self.children):
            child.stop(max(0.1, deadline - time.monotonic()))
