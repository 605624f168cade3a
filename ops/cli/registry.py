"""The subcommands by name. A command's module is imported only when it is the one that was typed."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fleet.settings import Settings


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives. Its module has `add_arguments(parser)` and `run(args, settings) -> exit code`."""

    name: str
    module: str
    help: str
    takes_settings: bool = True
    checks_names: bool = True
    """Whether a variable with our prefix that nobody knows stops it; else the command itself tells of those."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments."""
        self._attribute("add_arguments")(parser)

    def run(self, args: argparse.Namespace, settings: "Callable[[], Settings]") -> int:
        """Run the command; settings are read only for one that takes them."""
        run = self._attribute("run")
        return int(run(args, settings()) if self.takes_settings else run(args))

    def _attribute(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(import_module(self.module), name)
        return found


COMMANDS = (
    Command("demo", "ops.demo.command", "see the whole fleet at work on this machine, with a simulated API"),
    Command("submit", "ops.cli.submit", "accept tickets from JSONL, CSV, mailboxes, mails or standard input"),
    Command("parse", "ops.cli.parse", "show what the parsers make of files, without accepting anything"),
    Command("ingest", "ops.cli.ingest", "run a producer: mail, chat, HTTP, webhooks or Redis to tickets"),
    Command("tokens", "ops.cli.tokens", "create, list or revoke bearer tokens of the HTTP API"),
    Command("show", "ops.cli.show", "tell the whole story of one ticket"),
    Command("status", "ops.cli.status", "backlog, age, money, limits, workers, and whether the books balance"),
    Command("tail", "ops.cli.tail", "follow verdicts as they are given"),
    Command("dead", "ops.cli.dead", "list, show, replay or discard what a person has to look at"),
    Command(
        "check",
        "ops.cli.check",
        "is this environment fit: settings, server, key, models, prices, limits, taxonomy",
        takes_settings=False,
        checks_names=False,
    ),
    Command("exporter", "ops.cli.exporter", "serve Prometheus metrics read off the ledger"),
    Command("simulator", "ops.simulator.command", "serve the simulated API on its own", takes_settings=False),
    Command("bench", "ops.bench.command", "measure: fleet (cost per ticket), limiter (use of the quota)"),
)
