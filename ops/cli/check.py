"""`triage check`: is this environment fit; each line is ok or says what to do."""

import argparse
from typing import TYPE_CHECKING

from ops.cli.terminal.output import print_json
from ops.cli.terminal.wording import columns, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fleet.settings import Settings
    from ops.cli.health.finding import Line

_MARKS = {"ok": "ok", "warning": "warn", "failed": "FAIL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage check`."""
    parser.add_argument(
        "--ledger",
        action="store_true",
        help="walk every ticket in the ledger instead and name each that breaks a rule; safe on a fleet at work",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Look at everything; 1 where anything fails."""
    if args.ledger:
        from ops.cli.health.ledger_audit import check_ledger

        return check_ledger(settings, as_json=args.json)
    from ops.cli.health.finding import Level

    lines = list(_lines(settings))
    is_fit = all(line.level is not Level.FAILED for line in lines)
    if args.json:
        findings = [{"subject": line.subject, "level": line.level, "message": line.message} for line in lines]
        print_json({"ok": is_fit, "findings": findings})
    else:
        rows = ((_MARKS[line.level], line.subject, plain(line.message)) for line in lines)
        print("\n".join(columns(rows)))
    return 0 if is_fit else 1


def _lines(settings: "Settings") -> "Iterator[Line]":
    from ops.cli.health import files, models, servers
    from ops.cli.health.finding import guarded
    from ops.cli.quota.check import check_limits

    for subject, check in (
        ("redis", servers.check_ledger),
        ("broker", servers.check_broker),
        ("key", models.check_models),
        ("prices", files.check_prices),
        ("taxonomy", files.check_taxonomy),
        ("limits", check_limits),
        ("sinks", files.check_sinks),
    ):
        yield from guarded(subject, check, settings)
