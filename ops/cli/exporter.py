"""`triage exporter`: a Prometheus endpoint for what only the ledger knows. Run one per ledger."""

import argparse
import signal
import threading
from typing import TYPE_CHECKING, Any

from ops.cli.terminal.output import say

if TYPE_CHECKING:
    from fleet.settings import Settings
    from ops.cli.quota.allowed import Allowed

DEFAULT_PORT = 9399
"""Just below the workers' ports of the demo, which count up from 9400."""

SCRAPE_TIMEOUT_S = 3.0
"""Prometheus gives up after ten seconds; an answer that says "down" has to come before."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage exporter`."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free port (default: %(default)s)")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: every one)")  # noqa: S104 - it is scraped from other machines


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Serve until SIGTERM or Ctrl-C."""
    from ops.cli.quota.allowed import allowed_by
    from ops.cli.terminal.connection import open_ledger

    allowed = allowed_by(settings)
    with open_ledger(settings, timeout_s=SCRAPE_TIMEOUT_S) as ledger:
        server = _start(args, ledger.redis, allowed)
        say(f"http://{args.host}:{server.server_port}/metrics")
        stop = threading.Event()
        # Process number one of a container gets no default handler: without this it would not end.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        server.shutdown()
        server.server_close()
    return 0


def _start(args: argparse.Namespace, client: Any, allowed: "Allowed") -> Any:
    from prometheus_client import CollectorRegistry, start_http_server

    from fleet.errors import ConfigurationError
    from fleet.ledger.heartbeats import Workers
    from ops.cli.health.ledger_metrics import LedgerCollector
    from ops.cli.health.queues import queue_metrics
    from ops.cli.quota.metrics import quota_metrics

    registry, workers = CollectorRegistry(), Workers(client)
    readers = (lambda: quota_metrics(client, allowed), lambda: queue_metrics(client, workers))
    registry.register(LedgerCollector(client, *readers))
    try:
        server, _ = start_http_server(args.port, addr=args.host, registry=registry)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"cannot listen on {args.host}:{args.port}: {error}") from None
    return server
