"""`triage dead …`: what was given up and needs a person: list it, look at it, send it back, end it."""

import argparse
import sys
from typing import TYPE_CHECKING

from ops.cli.terminal.output import print_json, say
from ops.cli.terminal.wording import count, plain

if TYPE_CHECKING:
    import redis

    from fleet.settings import Settings
    from ops.cli.deadletters.decisions import Decided
    from ops.cli.deadletters.targets import Targets


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `triage dead`."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = commands.add_parser("list", help="parked tickets and deliveries, oldest first")
    listing.add_argument("--reason", metavar="R", help="only tickets parked for this reason")
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most N of each (default: 100)")
    show = commands.add_parser("show", help="the whole story of one of them")
    show.add_argument("id", metavar="ID")
    show.add_argument("--text", action="store_true", help="show the content, too")
    replay = commands.add_parser("replay", help="send them back to the start; safe to run twice")
    replay.add_argument("ids", nargs="*", metavar="ID")
    replay.add_argument("--reason", metavar="R", help="all tickets parked for this reason")
    replay.add_argument("--all", action="store_true", help="all parked tickets and deliveries")
    replay.add_argument("--limit", type=int, metavar="N", help="with --reason or --all: at most N, the oldest")
    discard = commands.add_parser("discard", help="end them for good")
    discard.add_argument("ids", nargs="+", metavar="ID")
    discard.add_argument("--why", required=True, metavar="TEXT", help="kept with the ticket's story")
    discard.add_argument("--yes", action="store_true", help="do not ask")
    for command in (listing, show, replay, discard):
        command.add_argument("--json", action="store_true", help="print one JSON object on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Run the action that was named."""
    actions = {"list": _list, "show": _show, "replay": _replay, "discard": _discard}
    return actions[args.action](args, settings)


def _list(args: argparse.Namespace, settings: "Settings") -> int:
    from ops.cli.deadletters.listing import page, read_listing
    from ops.cli.terminal.connection import open_ledger

    _ensure_limit(args.limit)
    with open_ledger(settings) as ledger:
        listing = read_listing(ledger.redis, reason=args.reason, limit=args.limit)
    if args.json:
        print_json(listing)
    else:
        print("\n".join(page(listing, reason=args.reason)))
    return 0


def _show(args: argparse.Namespace, settings: "Settings") -> int:
    from ops.cli import show
    from ops.cli.story.record import read_effect
    from ops.cli.terminal.connection import open_ledger
    from ops.cli.terminal.wording import columns

    with open_ledger(settings) as ledger:
        effect = read_effect(ledger.redis, args.id)
    if effect is None:
        return show.run(args, settings)
    if not args.text:
        del effect["body"]
    if args.json:
        print_json(effect)
    else:
        print("\n".join(columns((name, plain(str(value))) for name, value in effect.items() if value)))
    return 0


def _replay(args: argparse.Namespace, settings: "Settings") -> int:
    from ops.cli.deadletters.decisions import replay_all
    from ops.cli.terminal.connection import Hints, open_for_repair

    _ensure_limit(args.limit)
    with open_for_repair(settings) as ledger:
        targets = _targets(args, ledger.redis)
        hints = Hints(settings)
        decided = replay_all(ledger, hints, targets, max_age_ms=int(settings.max_age_h * 3_600_000))
        hints.close()
    return _report(args, "replayed", decided, targets)


def _discard(args: argparse.Namespace, settings: "Settings") -> int:
    from ops.cli.deadletters.decisions import discard_all
    from ops.cli.deadletters.targets import by_name
    from ops.cli.terminal.connection import open_for_repair

    with open_for_repair(settings) as ledger:
        targets = by_name(ledger.redis, args.ids)
        number = len(targets.tickets) + len(targets.effects)
        if number > 1 and not args.yes and not _confirm(f"End {number} parked tickets or deliveries for good?"):
            say("nothing was discarded")
            return 1
        retention_ms = int(settings.retention_days * 86_400_000)
        decided = discard_all(ledger, targets, why=args.why, retention_ms=retention_ms)
    return _report(args, "discarded", decided, targets)


def _targets(args: argparse.Namespace, client: "redis.Redis") -> "Targets":
    from fleet.errors import ConfigurationError
    from ops.cli.deadletters.targets import by_name, by_reason, everything

    if (bool(args.ids), args.reason is not None, bool(args.all)).count(True) != 1:
        raise ConfigurationError("triage dead replay takes ids, or --reason R, or --all: exactly one of these")
    if args.ids:
        return by_name(client, args.ids)
    if args.all:
        return everything(client, limit=args.limit)
    return by_reason(client, args.reason, limit=args.limit)


def _report(args: argparse.Namespace, verb: str, decided: "Decided", targets: "Targets") -> int:
    """Say what was done; 1 where a name meant nothing."""
    if args.json:
        print_json(decided.as_json(verb, targets))
    else:
        number = len(decided.effects)
        deliveries = f", {number:,} {'delivery' if number == 1 else 'deliveries'}" if number else ""
        print(f"{verb} {count(len(decided.tickets), 'ticket')}{deliveries}")
    for name, state in decided.not_parked:
        say(f"{plain(name)}: not parked, it is {state}; left alone")
    for name in targets.unknown:
        say(f"{plain(name)}: no such ticket or delivery (one that was sent is gone)")
    return 1 if targets.unknown else 0


def _confirm(question: str) -> bool:
    from fleet.errors import ConfigurationError

    if not sys.stdin.isatty():
        raise ConfigurationError(f"{question} Nobody can be asked here: say --yes")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _ensure_limit(limit: int | None) -> None:
    from fleet.errors import ConfigurationError

    if limit is not None and limit < 1:
        raise ConfigurationError("--limit takes a number from 1 on")
