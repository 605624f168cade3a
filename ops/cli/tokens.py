"""`triage tokens …`: the bearer tokens of the HTTP API: create, list, revoke."""

import argparse
import re
import time
from typing import TYPE_CHECKING, Any

from ops.cli.terminal.output import print_json, say

if TYPE_CHECKING:
    from fleet.settings import Settings
    from producers.api.tokens import Token

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DAY_S = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands of `triage tokens`."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = commands.add_parser("create", help="make a token and print its secret, once")
    create.add_argument("name", metavar="NAME", help="who it is for; letters, digits, dots and dashes")
    create.add_argument(
        "--scope",
        action="append",
        choices=("tickets:write", "tickets:read", "tickets:urgent"),
        metavar="SCOPE",
        help="tickets:write, tickets:read or tickets:urgent; may be given several times (default: write and read)",
    )
    create.add_argument("--tenant", default="default", metavar="T", help="whose tickets they are (default: default)")
    create.add_argument("--days", type=float, metavar="N", help="valid for so long (default: for ever)")
    create.add_argument("--per-minute", type=int, default=0, metavar="N", help="tickets a minute (default: no limit)")
    listing = commands.add_parser("list", help="all tokens, without their secrets")
    revoke = commands.add_parser("revoke", help="have a token believed no longer, from two seconds on")
    revoke.add_argument("name", metavar="NAME")
    for command in (create, listing, revoke):
        command.add_argument("--json", action="store_true", help="print one JSON object on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Run the action that was named; 1 where there is no such token."""
    from ops.cli.terminal.connection import open_for_repair

    actions = {"create": _create, "list": _list, "revoke": _revoke}
    with open_for_repair(settings) as ledger:
        return actions[args.action](args, ledger.redis)


def _create(args: argparse.Namespace, client: Any) -> int:
    from producers.api.token_book import create

    token = _wanted(args)
    secret = create(client, token)
    if args.json:
        print_json(_shown(token) | {"secret": secret})
    else:
        print(secret)
        say("this is the only time that it is shown; only its hash is stored")
        say(f"to end it: triage tokens revoke {token.name}")
    return 0


def _wanted(args: argparse.Namespace) -> "Token":
    from fleet.errors import ConfigurationError
    from producers.api.tokens import Scope, Token

    if not _NAME.fullmatch(args.name) or not _NAME.fullmatch(args.tenant):
        raise ConfigurationError("names of tokens and tenants have 1 to 64 letters, digits, dots and dashes")
    if args.per_minute < 0 or (args.days is not None and not 0 < args.days < 100_000):  # noqa: PLR2004 - centuries
        raise ConfigurationError("--per-minute takes a number from 0 on, --days one above 0")
    scopes = frozenset(map(Scope, args.scope or (Scope.WRITE, Scope.READ)))
    expires_at = int(time.time() + args.days * _DAY_S) if args.days else 0
    return Token(args.name, "", scopes, args.tenant, expires_at, args.per_minute)


def _list(args: argparse.Namespace, client: Any) -> int:
    from ops.cli.terminal.wording import columns
    from producers.api.token_book import list_tokens

    tokens = list_tokens(client)
    if args.json:
        print_json({"tokens": [_shown(token) for token in tokens]})
        return 0
    if not tokens:
        say("there are no tokens; to make one: triage tokens create NAME")
        return 0
    rows = [("name", "tenant", "scopes", "limit", "expires")]
    rows += [(token.name, token.tenant, " ".join(sorted(token.scopes)), _limit(token), _end(token)) for token in tokens]
    print("\n".join(columns(rows)))
    return 0


def _revoke(args: argparse.Namespace, client: Any) -> int:
    from producers.api.token_book import revoke

    was_there = revoke(client, args.name)
    if args.json:
        print_json({"name": args.name, "revoked": was_there})
    else:
        say(f"{args.name} is revoked" if was_there else f"there is no token named {args.name} (triage tokens list)")
    return 0 if was_there else 1


def _shown(token: "Token") -> dict[str, Any]:
    from ops.cli.terminal.wording import iso

    return {
        "name": token.name,
        "tenant": token.tenant,
        "scopes": sorted(token.scopes),
        "per_minute": token.per_minute or None,
        "expires_at": iso(token.expires_at * 1000) if token.expires_at else None,
    }


def _limit(token: "Token") -> str:
    return f"{token.per_minute:,}/min" if token.per_minute else "none"


def _end(token: "Token") -> str:
    from ops.cli.terminal.wording import moment

    if not token.expires_at:
        return "never"
    return moment(token.expires_at * 1000) + (" (over)" if token.expires_at <= time.time() else "")
