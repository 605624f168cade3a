"""`triage status`: backlog, age, money, limits, workers, and whether the books balance."""

import argparse
import time
from typing import TYPE_CHECKING

from ops.cli.terminal.output import print_json

if TYPE_CHECKING:
    import redis

    from fleet.settings import Settings
    from ops.cli.quota.allowed import Allowed

WATCH_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage status`."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--watch", action="store_true", help="stay and refresh every second, until Ctrl-C")
    how.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Show where things stand; 1 where accepted tickets are not all triaged, parked, discarded or waiting."""
    from ops.cli.health.state import read_state
    from ops.cli.health.state_page import page
    from ops.cli.quota.allowed import allowed_by
    from ops.cli.terminal.connection import open_ledger

    allowed = allowed_by(settings)
    with open_ledger(settings) as ledger:
        if args.watch:
            return _watch(ledger.redis, allowed)
        state = read_state(ledger.redis, allowed)
    if args.json:
        print_json(state)
    else:
        print("\n".join(page(state)))
    return 0 if state["invariant_holds"] else 1


def _watch(client: "redis.Redis", allowed: "Allowed") -> int:
    from redis.exceptions import RedisError
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from fleet.ledger.heartbeats import Workers
    from ops.cli.health.state import read_state
    from ops.cli.health.state_page import screen

    workers = Workers(client)
    try:
        with Live(Text(""), console=Console(), auto_refresh=False, screen=True) as live:
            while True:
                try:
                    shown = "\n".join(screen(read_state(client, allowed, workers=workers.alive())))
                except RedisError as error:
                    shown = f"the ledger's server does not answer; still trying: {error}"
                live.update(Text(shown), refresh=True)
                time.sleep(WATCH_S)
    except KeyboardInterrupt:
        return 0
