"""`triage demo`: the whole fleet on this machine, with a simulated API, so that it can be seen at work."""

import argparse
import json
import random
import signal
import sys
import time
import urllib.request
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from fleet.errors import ConfigurationError
from fleet.ledger.heartbeats import Workers
from fleet.ledger.reading import Totals, open_tickets, read_totals, waiting_reason
from fleet.ledger.records import Acceptance
from fleet.ledger.spending import read_spending
from fleet.ledger.transitions import Transition, accept
from fleet.money import NANO_PER_DOLLAR, nano_dollars
from fleet.settings import Settings, variable
from fleet.taxonomy import load_taxonomy
from ops.cli.terminal.wording import dollars
from ops.demo.fleet import LocalFleet, default_plan
from ops.demo.killer import Killer
from ops.demo.report import summarise, write_json
from ops.demo.taxonomies import FITTED_TO_SIMULATOR, default_taxonomy
from ops.demo.tickets import TicketSet, load
from ops.demo.view import View, print_summary
from worker.llm.prices import load_price_table

BATCH = 200
TERMINATED = 143
STALLED_S = 120.0
"""Without any ticket ending for this long the demo gives up; leases and back-off together need less than half."""

DEFAULT_TICKETS = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage demo`."""
    parser.add_argument("--tickets", type=int, metavar="N", help="how many tickets (default: 200, or all of --dataset)")
    parser.add_argument(
        "--dataset", type=Path, metavar="FILE", help="JSONL rows with a text, instead of our own tickets"
    )
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="worker processes per tier (default: 2)")
    parser.add_argument("--slots", type=int, default=16, metavar="N", help="tickets at once in a process (default: 16)")
    parser.add_argument("--kill", type=int, default=0, metavar="N", help="kill N random workers with -9 on the way")
    parser.add_argument(
        "--budget", type=_dollars, metavar="USD", help="the day's budget; the rest of the tickets waits"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="KIND=SHARE[@START-END]",
        help="a fault of the simulated API, in seconds since its start: credit_400=1@10-70; see triage simulator",
    )
    parser.add_argument(
        "--bill-dropped", action="store_true", help="the simulated API bills a call whose client left, too"
    )
    parser.add_argument("--seed", type=int, default=7, help="seed of the kills and of the simulated latency")
    parser.add_argument("--keep", action="store_true", help="stay up afterwards and say where everything is")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run the demo; 0 when every accepted ticket ended exactly once, 1 when not."""
    if min(args.workers, args.slots) < 1 or args.kill < 0 or (args.tickets is not None and args.tickets < 1):
        raise ConfigurationError("--tickets, --workers and --slots take a number from 1 on, --kill one from 0 on")
    tickets = load(args.dataset, args.tickets or (None if args.dataset else DEFAULT_TICKETS))
    load_taxonomy(settings.taxonomy)
    # A supervisor's SIGTERM ends the block below like Ctrl-C does, or Valkey and the workers would be left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    _tell(args, f"starting Valkey, the simulated API and {2 * args.workers + 1} worker processes …")
    with (
        default_taxonomy(small_confidence=FITTED_TO_SIMULATOR) as taxonomy,
        LocalFleet(
            default_plan(args.workers, args.slots),
            simulator=_simulator(args),
            environment={"TRIAGE_TAXONOMY": str(taxonomy)} | _handed_on(settings) | _budget(args.budget),
        ) as fleet,
    ):
        return _run_in(fleet, tickets, args)


def _run_in(fleet: LocalFleet, tickets: TicketSet, args: argparse.Namespace) -> int:
    fleet.wait_ready()
    summary = _work(fleet, tickets, args)
    if args.json:
        print(write_json(summary), flush=True)
    else:
        print_summary(summary)
    if args.keep:
        _keep(fleet)
    return 0 if _is_good(summary) else 1


def _simulator(args: argparse.Namespace) -> tuple[str, ...]:
    faults = (word for fault in args.fault for word in ("--fault", fault))
    dropped = ("--bill-dropped",) if args.bill_dropped else ()
    return ("--seed", str(args.seed), *faults, *dropped)


def _fault(text: str) -> str:
    from ops.simulator.faults.notation import parse_short

    try:
        parse_short(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of US dollars above 0")
    return amount


def _budget(dollars: Decimal | None) -> dict[str, str]:
    return {} if dollars is None else {variable("daily_budget_usd"): str(dollars)}


def _handed_on(settings: Settings) -> dict[str, str]:
    """What of this shell's settings holds in the demo: the taxonomy and the prices, by absolute path."""
    files = {"taxonomy": settings.taxonomy, "prices": settings.prices}
    kept = {variable(name): str(path.resolve()) for name, path in files.items() if path is not None}
    return kept | {"TRIAGE_METRICS_PORT": "9400", "TRIAGE_LOG_LEVEL": "info"}


def _tell(args: argparse.Namespace, text: str) -> None:
    if not args.json:
        print(text, file=sys.stderr, flush=True)


def _work(fleet: LocalFleet, tickets: TicketSet, args: argparse.Namespace) -> dict[str, Any]:
    killer = Killer(fleet.triage_workers, args.kill, random.Random(args.seed))
    with View(len(tickets.tickets), is_quiet=args.json) as view:
        _accept_all(fleet, tickets)
        _watch(fleet, killer, view, len(tickets.tickets))
    prices = load_price_table(fleet.settings.prices)
    summary = summarise(
        fleet.ledger,
        tickets.tickets,
        prices,
        load_taxonomy(fleet.settings.taxonomy),
        frontier_model=fleet.settings.frontier_model,
    )
    billed = _simulator_stats(fleet)
    return summary | {
        "killed": len(killer.killed),
        "rejected": len(tickets.rejected),
        "calls_received": sum(count for statuses in billed["calls"].values() for count in statuses.values()),
        "cost_usd_billed": sum(billed["bill_nano_dollars"].values()) / 1e9,
        "budget": _budget_report(fleet),
        "held_s": _held_s(fleet),
        "simulated": True,
    }


def _budget_report(fleet: LocalFleet) -> dict[str, Any] | None:
    cap = fleet.settings.daily_budget_usd
    if cap is None:
        return None
    spending = read_spending(fleet.ledger.redis)
    return {
        "limit_usd": float(cap),
        "spent_usd": spending.spent_nusd / NANO_PER_DOLLAR,
        "reserved_usd": spending.reserved_nusd / NANO_PER_DOLLAR,
        "is_spent": _is_spent(fleet, read_totals(fleet.ledger.redis)),
    }


def _held_s(fleet: LocalFleet) -> float:
    """How long the model that was held longest let nothing but probes out."""
    settings = fleet.settings
    models = {settings.small_model, settings.frontier_model}
    held = [fleet.ledger.redis.hget(f"tf:lim:{model}", "held_ms") for model in models]
    return max(int(cast("bytes | None", one) or 0) for one in held) / 1000


def _accept_all(fleet: LocalFleet, tickets: TicketSet) -> None:
    for start in range(0, len(tickets.tickets), BATCH):
        part = tickets.tickets[start : start + BATCH]
        wishes: list[Transition[Acceptance]] = [accept(t.ticket, key=t.key) for t in part]
        for done in fleet.ledger.run_many(wishes):
            fleet.hints.look([done.ticket_id], queue="triage.small", at_ms=done.at_ms)


def _watch(fleet: LocalFleet, killer: Killer, view: View, total: int) -> None:
    last_ended, last_news = -1, time.monotonic()
    while True:
        totals = read_totals(fleet.ledger.redis)
        ended = totals.triaged + totals.parked
        alive = sum(child.is_alive for child in fleet.workers)
        view.show(totals, alive=alive, workers=len(fleet.workers))
        if ended >= total and not totals.effects_waiting:
            return
        if fleet.settings.daily_budget_usd is not None and _is_spent(fleet, totals):
            cap = dollars(nano_dollars(fleet.settings.daily_budget_usd) or 0)
            view.say(f"the budget of {cap} is used up; {totals.waiting} tickets wait for more")
            return
        if ended != last_ended:
            last_ended, last_news = ended, time.monotonic()
        elif time.monotonic() - last_news > STALLED_S:
            view.say(f"nothing has ended for {STALLED_S:.0f} s; giving up (logs: {fleet.folder})")
            return
        before = len(killer.killed)
        killer.tick(ended / total)
        for name in killer.killed[before:]:
            view.say(f"killed {name} with -9; its tickets are taken over when their leases end (15 s)")
        time.sleep(0.1)


def _is_spent(fleet: LocalFleet, totals: Totals) -> bool:
    """Whether all that is left waits for money: nothing at work, and each of the last words was "budget"."""
    if totals.running or not totals.waiting or totals.effects_waiting:
        return False
    waiting_for = [waiting_reason(fleet.ledger.redis, ticket_id) for ticket_id in open_tickets(fleet.ledger.redis)]
    return all(reason == "budget" for reason in waiting_for)


def _simulator_stats(fleet: LocalFleet) -> dict[str, Any]:
    with urllib.request.urlopen(f"{fleet.simulator_url}/_simulator/stats", timeout=10) as answer:  # noqa: S310 - ours
        return dict(json.load(answer))


def _is_good(summary: dict[str, Any]) -> bool:
    ended = summary["triaged"] + summary["parked"]
    waits_for_money = summary["budget"] is not None and summary["budget"]["is_spent"]
    return bool(
        summary["invariant_holds"]
        and summary["accepted"] == ended + summary["waiting"]
        and (not summary["waiting"] or waits_for_money)
        and not summary["duplicate_results"]
    )


def _keep(fleet: LocalFleet) -> None:
    environment = fleet.environment()
    shown = ("TRIAGE_REDIS_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")
    print("\nThe fleet stays up until Ctrl-C. To look at it from another terminal:", file=sys.stderr)
    print("  export " + " ".join(f"{name}={environment[name]}" for name in shown), file=sys.stderr)
    print("  triage status --watch        triage dead list        triage show demo:1", file=sys.stderr)
    print(f"simulated API  {fleet.simulator_url}/_simulator/stats", file=sys.stderr)
    for worker in Workers(fleet.ledger.redis).alive():
        queues = ", ".join(worker["queues"])
        print(f"metrics        http://127.0.0.1:{worker.get('metrics_port')}/metrics  {queues}", file=sys.stderr)
    print(f"logs           {fleet.folder}", file=sys.stderr, flush=True)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print("stopping …", file=sys.stderr)
