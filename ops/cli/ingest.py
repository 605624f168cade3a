"""`triage ingest SOURCE`: run a producer until it is told to stop."""

import argparse
import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fleet.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `triage ingest`."""
    from producers.registry import SOURCES

    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(map(len, SOURCES))
    parser.epilog = "sources:\n" + "\n".join(f"  {name:{width}}  {entry.help}" for name, entry in SOURCES.items())
    parser.epilog += "\n\nSettings are TRIAGE_… variables: docs/producers."
    parser.add_argument("source", choices=tuple(SOURCES), metavar="SOURCE", help="see below")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Serve until SIGTERM or Ctrl-C; 0 after a drain."""
    from fleet.log import configure_logging
    from producers.intake.service import serve
    from producers.registry import SOURCES

    configure_logging(settings)
    _ = settings.ledger_url  # a missing address is told before anything starts
    source = SOURCES[args.source].make(settings)
    asyncio.run(serve(source, settings))
    return 0
