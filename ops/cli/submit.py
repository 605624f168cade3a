"""`triage submit FILE…`: accept tickets from files. Safe to interrupt and to run again."""

import argparse
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.cli.terminal.output import print_json, say
from ops.cli.terminal.wording import count, duration, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from fleet.settings import Settings
    from ops.cli.intake.inputs import Refusal
    from ops.cli.intake.progress import ProgressView
    from ops.cli.intake.submission import Submission, Tally

INTERRUPTED, TERMINATED = 130, 143
_NAMED_IDS = 10
_AGAIN = "run the same command again for the rest: nothing goes in twice"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage submit`."""
    from ops.cli.intake.options import add_reading_options

    add_reading_options(parser)
    parser.add_argument("--lane", choices=("urgent", "normal", "bulk"), default="normal", help="default: normal")
    parser.add_argument(
        "--hint-size",
        type=int,
        metavar="N",
        help="tickets that one Celery message names: more make a bulk load cheaper, fewer share it better among "
        "workers (default: 1 for few tickets, up to 50 for many)",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=60.0,
        metavar="S",
        help="patience with a ledger that is full or away, in seconds (default: 60)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Accept the files; 0 when all went in, 1 when some did not."""
    from fleet.errors import ConfigurationError
    from fleet.log import configure_logging
    from ops.cli.intake.later import LaterHints
    from ops.cli.intake.options import reading_of
    from ops.cli.intake.places import bytes_in, find_places
    from ops.cli.intake.progress import ProgressView
    from ops.cli.terminal.connection import Hints, open_for_intake

    if not (args.hint_size is None or args.hint_size >= 1) or not args.wait >= 0:
        raise ConfigurationError("--hint-size takes a number from 1 on, --wait one from 0 on")
    configure_logging(settings)
    reading, places = reading_of(args, settings), find_places(args.files)
    with open_for_intake(settings) as ledger:
        hints = Hints(settings)
        later = LaterHints(hints.look)
        with ProgressView(bytes_in(places)) as view:
            stopping = threading.Event()
            submission = make_submission(args, settings, ledger, later, view.say, stopping=stopping)
            end = submit(submission, places, reading, view, stopping)
        later.close()
        hints.close()
        return _finish(args, submission.tally, end, hint_failure=hints.failure)


@dataclass(frozen=True, slots=True)
class End:
    """How a submission ended; `code` is that of the signal which ended it, or 0."""

    seconds: float
    stopped: str = ""
    code: int = 0


def make_submission(
    args: argparse.Namespace,
    settings: "Settings",
    ledger: Any,
    hint: Any,
    tell: "Callable[[str], None]",
    *,
    stopping: threading.Event,
) -> "Submission":
    """Put a submission together from the command's options."""
    from fleet.lanes import Lane
    from fleet.ledger.ahead import Ahead
    from ops.cli.intake.guard import MemoryGuard, memory_of
    from ops.cli.intake.submission import MAX_LISTED, Submission

    def report(refusal: "Refusal") -> None:
        number = submission.tally.rejected
        if number <= MAX_LISTED:
            tell(f"{plain(refusal.file)}:{refusal.line}: {plain(refusal.reason)}")
        elif number == MAX_LISTED + 1:
            tell(f"more than {MAX_LISTED:,} were rejected; the others are only counted")

    submission = Submission(
        ledger,
        hint,
        tell,
        report,
        stopping.wait,
        MemoryGuard(lambda: memory_of(ledger.redis), settings.memory_full_share, time.monotonic),
        lane=Lane(args.lane),
        max_age_ms=int(settings.max_age_h * 3_600_000),
        max_backlog=settings.max_backlog,
        wait_s=args.wait,
        hint_size=args.hint_size or 0,
        ahead=Ahead(ledger),
    )
    return submission


def submit(submission: "Submission", places: Any, reading: Any, view: "ProgressView", stopping: threading.Event) -> End:
    """Read everything and send it; answers how that ended."""
    from fleet.errors import TransientError
    from ops.cli.intake.inputs import Inputs
    from ops.cli.intake.pump import Pump
    from ops.cli.terminal.interrupt import Terminated, terminable

    def told(text: str) -> None:
        view.say(plain(text))
        submission.tally.note(plain(text))

    started = time.monotonic()
    try:
        with terminable(), Pump(submission, stopping) as pump:
            inputs = Inputs(places, reading, told, pump.flush_if_free)
            for item in inputs:
                if pump.add(item):
                    view.show(bytes_read=inputs.bytes_read, tickets=submission.tally.seen)
            pump.close()
    except TransientError as error:
        return End(time.monotonic() - started, str(error))
    except Terminated:
        return End(time.monotonic() - started, "told to stop (SIGTERM)", TERMINATED)
    except KeyboardInterrupt:
        return End(time.monotonic() - started, "interrupted", INTERRUPTED)
    return End(time.monotonic() - started)


def _finish(args: argparse.Namespace, tally: "Tally", end: End, *, hint_failure: str) -> int:
    if args.json:
        print_json(_result(tally, end, hint_failure))
    else:
        print(_sentence(tally, end))
    if end.stopped:
        say(f"triage: stopped: {end.stopped}; {count(tally.accepted, 'ticket')} went in; {_AGAIN}")
    return end.code or (1 if end.stopped or tally.rejected else 0)


def _result(tally: "Tally", end: End, hint_failure: str) -> dict[str, Any]:
    return {
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "rejected": tally.rejected,
        "rejections": [{"file": r.file, "line": r.line, "reason": r.reason} for r in tally.refusals],
        "ids": tally.ids,
        "notes": tally.notes,
        "complete": not end.stopped,
        "stopped": end.stopped or None,
        "hints_sent": not hint_failure,
        "seconds": round(end.seconds, 3),
        "tickets_per_s": round(tally.seen / end.seconds, 1) if end.seconds else None,
    }


def _sentence(tally: "Tally", end: End) -> str:
    rate = f", {tally.seen / end.seconds:,.0f}/s" if tally.seen >= _NAMED_IDS and end.seconds else ""
    text = (
        f"{count(tally.accepted, 'ticket')} accepted, {tally.duplicates:,} already in, {tally.rejected:,} rejected "
        f"({duration(end.seconds)}{rate})"
    )
    named = tally.accepted if tally.accepted <= _NAMED_IDS else 0
    return "\n".join([text, *(f"  triage show {ticket_id}" for ticket_id in tally.ids[:named])])
