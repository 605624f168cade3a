"""A web server inside a producer's own loop: it listens when asked to, and drains when the producer does."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from fleet.errors import ConfigurationError
from producers.intake.door import Door
from producers.intake.listen import Certificate, Listen
from producers.intake.metrics import Became
from producers.intake.web_bounds import Bounds, bounded
from producers.intake.web_failures import sheltered
from producers.intake.web_protocol import PatientProtocol

_log = structlog.get_logger("web")

KEEP_ALIVE_S = 30
BACKLOG = 2_048
_TICK_S = 0.02


async def serve_app(
    app: Any,
    door: Door,
    *,
    listen: Listen,
    bounds: Bounds,
    certificate: Certificate | None = None,
    reuse_port: bool = False,
) -> None:
    """Serve an ASGI application until `door.stop` is set and requests under way have their answer.

    Requests over the bounds are answered here: 408, 413, 415, 503. Raises ConfigurationError where it cannot listen.
    """

    def rejected(code: str) -> None:
        door.metrics.message(Became.REJECTED)
        _log.warning("request_rejected", code=code)

    if certificate:
        certificate.ensure_usable()
    server = _Server(_config(sheltered(bounded(app, bounds, rejected)), door, certificate))
    with _socket(listen, reuse_port=reuse_port) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await _until_started(server, serving)
            door.status.up(f"listening on {_name(listening)}")
            _log.info("listening", address=_name(listening), tls=certificate is not None)
            await _stopped_or_ended(door, serving)
            door.status.down("stopping")
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the producer's: it knows what else has to end."""
        yield


def _config(app: Any, door: Door, certificate: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, int(door.settings.drain_s)),
        backlog=BACKLOG,
        ssl_certfile=str(certificate.cert_file) if certificate else None,
        ssl_keyfile=str(certificate.key_file) if certificate else None,
    )


@contextmanager
def _socket(listen: Listen, *, reuse_port: bool) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((listen.host, listen.port))
        made.setblocking(False)
        yield made
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {listen.host}:{listen.port}: {error}") from None
    finally:
        made.close()


async def _until_started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    while not server.started:
        if serving.done():
            serving.result()
            raise ConfigurationError("the web server ended before it had started")
        await asyncio.sleep(_TICK_S)


async def _stopped_or_ended(door: Door, serving: "asyncio.Task[None]") -> None:
    stopping = asyncio.create_task(door.stop.wait())
    await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


def _name(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
