"""The `triage` command: finds the subcommand, runs it, and turns what went wrong into a message and an exit code."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ops.cli.extras import advice
from ops.cli.registry import COMMANDS, Command

if TYPE_CHECKING:
    from fleet.settings import Settings

DONE, FAILED, USAGE = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141
"""What a shell reports of a program that ended by SIGINT or SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and answer its exit code; argparse itself exits with 2 on wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a customer's letters must not end a command
    try:
        return _run(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python writes what is left at exit, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(words: Sequence[str]) -> int:
    chosen = next((command for command in COMMANDS if words[:1] == [command.name]), None)
    parser, child = _parsers(chosen)
    try:
        if chosen and child:
            chosen.add_arguments(child)
        args = parser.parse_args(words)
        if chosen is None:
            parser.print_help(sys.stderr)
            return USAGE
        if chosen.checks_names:
            _ensure_known_names()
        code = chosen.run(args, _settings)
        sys.stdout.flush()  # a reader that went away shows here, not in the interpreter's last breath
        return code
    except ModuleNotFoundError as error:
        message = advice(error)
        if not message:
            raise
        return _fail(message, USAGE)
    except Exception as error:
        answer = _explain(error)
        if answer is None:
            from fleet.redaction import guard_tracebacks

            guard_tracebacks()
            raise
        return _fail(*answer)


def _parsers(chosen: Command | None) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser | None]:
    parser = argparse.ArgumentParser(
        prog="triage",
        description="Triage support tickets with language models: nothing lost, every cent counted.",
        epilog="Exit codes: 0 done; 1 the check or comparison failed, or some input was rejected; "
        "2 wrong usage or configuration. Settings are TRIAGE_… variables, see the README.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    child = None
    for command in COMMANDS:
        made = commands.add_parser(command.name, help=command.help, description=command.help)
        child = made if command is chosen else child
    return parser, child


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"triage-fleet {version('triage-fleet')}")
        except PackageNotFoundError:
            print("triage-fleet, run from its source without being installed")
        parser.exit()


def _ensure_known_names() -> None:
    from fleet.settings import ensure_known
    from producers.groups import GROUPS

    ensure_known(GROUPS)


def _settings() -> "Settings":
    from fleet.settings import load_settings

    return load_settings()


def _explain(error: Exception) -> tuple[str, int] | None:
    """Put an expected error into words and an exit code; None for a mistake of ours, which keeps its traceback."""
    from redis.exceptions import RedisError

    from fleet.errors import ConfigurationError, FleetError

    if isinstance(error, ConfigurationError):
        return str(error), USAGE
    if isinstance(error, FleetError):
        return str(error), FAILED
    if isinstance(error, RedisError):
        return f"the ledger's server failed: {error} (is TRIAGE_REDIS_URL right? triage check looks into it)", FAILED
    return None


def _fail(message: str, code: int) -> int:
    from fleet.redaction import redacted

    sys.stdout.flush()
    message = redacted(message)
    for line in message.splitlines():
        print(f"triage: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
