"""The port for machines that watch: /metrics, /healthz (alive?) and /readyz (able to take messages?)."""

import errno

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fleet.errors import ConfigurationError
from producers.intake.metrics import IntakeMetrics
from producers.intake.status import Status

_PORTS_TRIED = 64
_OK, _UNAVAILABLE = 200, 503


class HealthPort:
    """Serves on the first free port from `first_port` on, as several processes of a machine share the setting."""

    def __init__(self, status: Status, metrics: IntakeMetrics) -> None:
        self._status = status
        self._metrics = metrics
        self._runner: web.AppRunner | None = None

    async def start(self, first_port: int, host: str = "0.0.0.0") -> int | None:  # noqa: S104 - it is asked from other machines
        """Begin to serve and answer the port; None where `first_port` is 0 (off)."""
        if first_port == 0:
            return None
        app = web.Application()
        app.router.add_get("/metrics", self._serve_metrics)
        app.router.add_get("/healthz", self._serve_live)
        app.router.add_get("/readyz", self._serve_ready)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        for port in range(first_port, first_port + _PORTS_TRIED):
            try:
                await web.TCPSite(self._runner, host, port).start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise ConfigurationError(f"TRIAGE_METRICS_PORT: cannot listen on {port}: {error}") from None
            else:
                return port
        raise ConfigurationError(
            f"TRIAGE_METRICS_PORT: no free port from {first_port} to {first_port + _PORTS_TRIED - 1}"
        )

    async def close(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _serve_live(self, _request: web.Request) -> web.Response:
        return web.json_response(self._status.describe(), status=_OK if self._status.is_live else _UNAVAILABLE)

    async def _serve_ready(self, _request: web.Request) -> web.Response:
        return web.json_response(self._status.describe(), status=_OK if self._status.is_ready else _UNAVAILABLE)
