"""`triage show ID`: the whole story of one ticket."""

import argparse
from typing import TYPE_CHECKING

from ops.cli.terminal.output import print_json, say

if TYPE_CHECKING:
    from fleet.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage show`."""
    parser.add_argument("id", metavar="ID", help="the ticket's id, its producer's key, or the id of its row in a file")
    parser.add_argument("--text", action="store_true", help="show what the customer wrote, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Tell the story; 1 where there is no such ticket."""
    from ops.cli.story.page import page
    from ops.cli.story.record import read_story, without_text
    from ops.cli.terminal.connection import open_ledger

    with open_ledger(settings) as ledger:
        story = read_story(ledger.redis, args.id)
    if story is None:
        say(
            f"triage: no ticket has the id or key {args.id!r}. Triaged tickets are kept for "
            f"{settings.retention_days:g} days (TRIAGE_RETENTION_DAYS); triage tail and triage dead list show ids"
        )
        return 1
    if args.json:
        print_json(story if args.text else without_text(story))
    else:
        print(page(story, with_text=args.text))
    return 0
