"""`triage ingest SOURCE`: run a producer until it is told to stop."""

import argparse
import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fleet.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `triage ingest`."""
    from ops.cli.intake.source_help import SourceParser
    from producers.registry import SOURCES

    parser.epilog = "triage ingest SOURCE --help shows the settings of one; docs/producers explains them."
    sources = parser.add_subparsers(
        title="sources", dest="source", metavar="SOURCE", required=True, parser_class=SourceParser
    )
    for name, entry in SOURCES.items():
        sources.add_parser(name, help=entry.help, description=entry.help)


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Serve until SIGTERM or Ctrl-C; 0 after a drain."""
    from fleet.errors import ConfigurationError
    from fleet.log import configure_logging
    from ops.cli.extras import advice
    from producers.intake.service import serve
    from producers.registry import SOURCES

    configure_logging(settings)
    _ = settings.ledger_url  # a missing address is told before anything starts
    entry = SOURCES[args.source]
    try:
        asyncio.run(serve(entry.make(settings), settings))
    except ModuleNotFoundError as error:
        if message := advice(error, entry.extra):
            raise ConfigurationError(message) from None
        raise
    return 0
