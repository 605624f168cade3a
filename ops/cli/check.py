"""`triage check`: is this environment fit; each line is ok or says what to do."""

import argparse
from typing import TYPE_CHECKING

from ops.cli.terminal.output import print_json
from ops.cli.terminal.wording import columns, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fleet.settings import Settings
    from ops.cli.health.finding import Line

FIT, FAILED, CONFIGURATION = 0, 1, 2

_MARKS = {"ok": "ok", "warning": "warn", "failed": "FAIL"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage check`."""
    parser.epilog = "Exit codes: 0 fit, also with warnings; 1 something failed; 2 a variable or a file is wrong."
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--ledger",
        action="store_true",
        help="walk every ticket in the ledger instead and name each that breaks a rule; safe on a fleet at work",
    )
    what.add_argument(
        "--call",
        action="store_true",
        help="also make one small paid call to each model: does it answer, in time, and as the schema says",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace) -> int:
    """Look at everything and answer how it came out."""
    from ops.cli.health.environment import read_settings

    settings, problems = read_settings()
    if settings is None:
        return _report(problems, as_json=args.json)
    if args.ledger:
        from ops.cli.health.ledger_audit import check_ledger

        return check_ledger(settings, as_json=args.json)
    return _report(list(_lines(settings, with_call=args.call)), as_json=args.json)


def _report(lines: "list[Line]", *, as_json: bool) -> int:
    from ops.cli.health.finding import Level

    failures = [line for line in lines if line.level is Level.FAILED]
    if as_json:
        print_json({"ok": not failures, "findings": [line.as_record() for line in lines]})
    else:
        print("\n".join(columns((_MARKS[line.level], line.subject, plain(line.text)) for line in lines)))
    if any(line.is_configuration for line in failures):
        return CONFIGURATION
    return FAILED if failures else FIT


def _lines(settings: "Settings", *, with_call: bool) -> "Iterator[Line]":
    from ops.cli.health import calls, environment, files, models, servers
    from ops.cli.health.finding import guarded
    from ops.cli.quota.check import check_limits

    for subject, check in (
        ("settings", environment.check_settings),
        ("redis", servers.check_ledger),
        ("broker", servers.check_broker),
        ("key", models.check_models),
        ("prices", files.check_prices),
        ("taxonomy", files.check_taxonomy),
        ("limits", check_limits),
        ("budget", files.check_budgets),
        ("sinks", files.check_sinks),
        *((("call", calls.check_calls),) if with_call else ()),
    ):
        yield from guarded(subject, check, settings)
