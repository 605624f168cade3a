"""`triage submit FILE…`: accept tickets from files. Safe to interrupt and to run again."""

import argparse
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.cli.terminal.output import print_json, say
from ops.cli.terminal.wording import count, duration, plain

if TYPE_CHECKING:
    from fleet.settings import Settings
    from ops.cli.intake.inputs import Inputs, Item
    from ops.cli.intake.progress import ProgressView
    from ops.cli.intake.submission import Submission, Tally

INTERRUPTED = 130
_NAMED_IDS = 10
_AGAIN = "run the same command again for the rest: nothing goes in twice"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage submit`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON lines, or a mail; - is JSON lines from stdin")
    parser.add_argument("--lane", choices=("urgent", "normal", "bulk"), default="normal", help="default: normal")
    parser.add_argument("--hint-size", type=int, default=1, metavar="N", help="tickets to a hint (default: 1)")
    parser.add_argument(
        "--wait", type=float, default=60.0, metavar="S", help="patience with a full ledger, in seconds (default: 60)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: "Settings") -> int:
    """Accept the files; 0 when all went in, 1 when some did not."""
    from fleet.errors import ConfigurationError
    from ops.cli.intake.inputs import Inputs, ensure_readable
    from ops.cli.intake.progress import ProgressView
    from ops.cli.terminal.connection import Hints, open_for_intake

    if args.hint_size < 1 or not args.wait >= 0:
        raise ConfigurationError("--hint-size takes a number from 1 on, --wait one from 0 on")
    ensure_readable(args.files)
    with open_for_intake(settings) as ledger:
        hints = Hints(settings, size=args.hint_size)
        inputs = Inputs(args.files)
        with ProgressView(inputs.bytes_total) as view:
            submission = _submission(args, settings, ledger, hints, view)
            end = _submit(submission, inputs, view)
        hints.close()
        return _finish(args, submission.tally, end, hint_failure=hints.failure)


@dataclass(frozen=True, slots=True)
class _End:
    seconds: float
    stopped: str = ""
    is_interrupted: bool = False


def _submission(
    args: argparse.Namespace, settings: "Settings", ledger: Any, hints: Any, view: "ProgressView"
) -> "Submission":
    from fleet.lanes import Lane
    from ops.cli.intake.inputs import Refusal
    from ops.cli.intake.submission import MAX_LISTED, Submission

    def report(refusal: Refusal) -> None:
        number = submission.tally.rejected
        if number <= MAX_LISTED:
            view.say(f"{plain(refusal.file)}:{refusal.line}: {plain(refusal.reason)}")
        elif number == MAX_LISTED + 1:
            view.say(f"more than {MAX_LISTED:,} were rejected; the others are only counted")

    submission = Submission(
        ledger,
        hints.look,
        view.say,
        report,
        time.sleep,
        lane=Lane(args.lane),
        max_age_ms=int(settings.max_age_h * 3_600_000),
        max_backlog=settings.max_backlog,
        wait_s=args.wait,
    )
    return submission


def _submit(submission: "Submission", inputs: "Inputs", view: "ProgressView") -> _End:
    from fleet.errors import TransientError
    from ops.cli.intake.submission import BATCH

    started = time.monotonic()
    try:
        items = _good(submission, inputs)
        while batch := list(itertools.islice(items, BATCH)):
            submission.send(batch)
            view.show(bytes_read=inputs.bytes_read, tickets=submission.tally.seen)
    except TransientError as error:
        return _End(time.monotonic() - started, str(error))
    except KeyboardInterrupt:
        return _End(time.monotonic() - started, "interrupted", is_interrupted=True)
    return _End(time.monotonic() - started)


def _good(submission: "Submission", inputs: "Inputs") -> "Iterator[Item]":
    from ops.cli.intake.inputs import Refusal

    for item in inputs:
        if isinstance(item, Refusal):
            submission.refuse(item)
        else:
            yield item


def _finish(args: argparse.Namespace, tally: "Tally", end: _End, *, hint_failure: str) -> int:
    if args.json:
        print_json(_result(tally, end, hint_failure))
    else:
        print(_sentence(tally, end))
    if end.stopped:
        say(f"triage: stopped: {end.stopped}; {count(tally.accepted, 'ticket')} went in; {_AGAIN}")
    if end.is_interrupted:
        return INTERRUPTED
    return 1 if end.stopped or tally.rejected else 0


def _result(tally: "Tally", end: _End, hint_failure: str) -> dict[str, Any]:
    return {
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "rejected": tally.rejected,
        "rejections": [{"file": r.file, "line": r.line, "reason": r.reason} for r in tally.refusals],
        "ids": tally.ids,
        "complete": not end.stopped,
        "stopped": end.stopped or None,
        "hints_sent": not hint_failure,
        "seconds": round(end.seconds, 3),
        "tickets_per_s": round(tally.seen / end.seconds, 1) if end.seconds else None,
    }


def _sentence(tally: "Tally", end: _End) -> str:
    rate = f", {tally.seen / end.seconds:,.0f}/s" if tally.seen >= _NAMED_IDS and end.seconds else ""
    text = (
        f"{count(tally.accepted, 'ticket')} accepted, {tally.duplicates:,} already in, {tally.rejected:,} rejected "
        f"({duration(end.seconds)}{rate})"
    )
    named = tally.accepted if tally.accepted <= _NAMED_IDS else 0
    return "\n".join([text, *(f"  triage show {ticket_id}" for ticket_id in tally.ids[:named])])
