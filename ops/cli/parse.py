"""`triage parse FILE…`: show what the parsers make of files. Nothing is accepted, no server is asked."""

import argparse
from typing import TYPE_CHECKING

from ops.cli.terminal.output import say
from ops.cli.terminal.wording import plain

if TYPE_CHECKING:
    from fleet.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage parse`."""
    from ops.cli.intake.options import add_reading_options

    add_reading_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a file, one a line")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Show the files; 0 when each became tickets or rejections, for a rejection is a result."""
    from fleet.log import configure_logging
    from ops.cli.intake.inputs import Inputs
    from ops.cli.intake.options import reading_of
    from ops.cli.intake.places import find_places
    from ops.cli.parsed.page import show
    from ops.cli.parsed.record import write

    configure_logging(settings)
    reading, places = reading_of(args, settings), find_places(args.files)
    inputs = Inputs(places, reading, lambda text: say(plain(text)))
    for place in places:
        (write if args.json else show)(inputs, place)
    return 0
