"""`triage check --ledger`: walk every key of the ledger and name every ticket that breaks a rule."""

from typing import TYPE_CHECKING

from ops.cli.terminal.connection import open_ledger
from ops.cli.terminal.output import is_watched, print_json, say
from ops.cli.terminal.wording import columns, count, plain

if TYPE_CHECKING:
    from fleet.settings import Settings

PROGRESS_EVERY = 10_000
"""Tickets between two lines of progress on a terminal: some seconds of work."""


def check_ledger(settings: "Settings", *, as_json: bool) -> int:
    """Print what is wrong, or that nothing is; 1 where a rule is broken. Reads only."""
    from fleet.ledger.audit import breaches

    seen = 0

    def on_batch(number: int) -> None:
        nonlocal seen
        if is_watched() and number // PROGRESS_EVERY > seen // PROGRESS_EVERY:
            say(f"{number:,} tickets looked at")
        seen = number

    with open_ledger(settings) as ledger:
        found = list(breaches(ledger.redis, on_batch=on_batch))
    if as_json:
        rows = [{"subject": one.subject, "rule": one.rule, "message": one.message} for one in found]
        print_json({"ok": not found, "tickets": seen, "breaches": rows})
    elif found:
        print("\n".join(columns(("FAIL", plain(one.rule), plain(one.message)) for one in found)))
        summary = f"{count(len(found), 'broken rule')} in {count(seen, 'ticket')}"
        print(f"{summary}; keep the server's data; triage show ID tells a ticket's story")
    else:
        print(f"ok  {count(seen, 'ticket')}, every rule kept")
    return 1 if found else 0
