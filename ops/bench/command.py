"""`triage bench NAME`: measure this machine's copy of the fleet against a yardstick."""

import argparse
import json
import signal
import sys
from typing import Any

from fleet.errors import ConfigurationError
from fleet.settings import Settings

BENCHES = ("fleet", "limiter", "accept")
TERMINATED = 143


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage bench`."""
    parser.add_argument(
        "name",
        choices=BENCHES,
        help="fleet: CPU, speed and memory against a bare loop of SDK calls; "
        "limiter: how much of a quota is used and what is refused, beside other limiters; "
        "accept: taking tickets in by file and HTTP, beside the bare work",
    )
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="runs of each kind, in turn (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")
    fleet = parser.add_argument_group("fleet")
    fleet.add_argument("--tickets", type=int, default=2000, metavar="N", help="tickets in a run (default: 2000)")
    fleet.add_argument("--in-flight", type=int, default=200, metavar="N", help="calls at once (default: 200)")
    limiter = parser.add_argument_group("limiter")
    limiter.add_argument("--rpm", type=int, default=1500, metavar="N", help="requests a minute (default: 1500)")
    limiter.add_argument(
        "--burst", type=float, default=60.0, metavar="S", help="size of the provider's bucket in seconds (default: 60)"
    )
    limiter.add_argument("--workers", type=int, default=4, metavar="N", help="worker processes (default: 4)")
    limiter.add_argument("--slots", type=int, default=32, metavar="N", help="calls at once in a process (default: 32)")
    limiter.add_argument(
        "--warm-up", type=float, default=30.0, metavar="S", help="seconds before each window (default: 30)"
    )
    limiter.add_argument("--window", type=float, default=60.0, metavar="S", help="seconds measured (default: 60)")
    limiter.add_argument(
        "--rival-window", type=float, default=30.0, metavar="S", help="the same for rivals; 0: without (default: 30)"
    )
    accept = parser.add_argument_group("accept")
    accept.add_argument("--part", choices=("bulk", "http"), help="only this one (default: both)")


def run(args: argparse.Namespace, _settings: Settings) -> int:
    """Run the benchmark; 0 when every goal is met, 1 when not."""
    # A supervisor's SIGTERM ends it like Ctrl-C does, or Valkey and the workers would be left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    runs = {"limiter": _run_limiter, "accept": _run_accept, "fleet": _run_fleet}
    return runs[args.name](args)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run_limiter(args: argparse.Namespace) -> int:
    from ops.bench.limiter import LimiterBench, is_met, table
    from ops.bench.quota.ours import Trial
    from ops.bench.quota.window import Quota

    if min(args.rpm, args.workers, args.slots, args.pairs) < 1 or min(args.burst, args.window) <= 0:
        raise ConfigurationError("--rpm, --workers, --slots and --pairs take a number from 1 on, times one above 0")
    if min(args.warm_up, args.rival_window) < 0:
        raise ConfigurationError("--warm-up and --rival-window take a number from 0 on")
    trial = Trial(Quota(args.rpm, args.burst), args.workers, args.slots, args.warm_up, args.window)
    result = LimiterBench(trial, pairs=args.pairs, rival_window_s=args.rival_window or None, say=_say).run()
    print(json.dumps(result) if args.json else table(result))
    return 0 if is_met(result) else 1


def _run_accept(args: argparse.Namespace) -> int:
    from ops.bench.accept.command import all_met, parts_here, run_parts, table

    if args.pairs < 1:
        raise ConfigurationError("--pairs takes a number from 1 on")
    result = run_parts([args.part] if args.part else parts_here(), pairs=args.pairs, say=_say)
    print(json.dumps(result) if args.json else table(result))
    return 0 if all_met(result) else 1


def _run_fleet(args: argparse.Namespace) -> int:
    from ops.bench.fleet import FleetBench

    if min(args.tickets, args.in_flight, args.pairs) < 1:
        raise ConfigurationError("--tickets, --in-flight and --pairs take a number from 1 on")
    bench = FleetBench(count=args.tickets, in_flight=args.in_flight, pairs=args.pairs, say=_say)
    result = bench.run()
    print(json.dumps(result) if args.json else _table(result))
    ratio = result["ratio"]
    is_met = (
        ratio["cpu_single"]["median"] <= 4  # noqa: PLR2004 - the goals stand in the result
        and ratio["cpu_ten"]["median"] <= 2.5  # noqa: PLR2004
        and ratio["tickets_per_s_single"]["median"] >= 0.7  # noqa: PLR2004
    )
    return 0 if is_met else 1


def _table(result: dict[str, Any]) -> str:
    lines = [
        f"{result['tickets']} tickets a run, {result['in_flight']} in flight, {result['pairs']} pairs, simulated API"
    ]
    lines += [f"{'':8}{'CPU ms/ticket':>15}{'tickets/s':>12}{'memory MB':>12}"]
    for name, figures in result["median"].items():
        lines.append(f"{name:8}{figures['cpu_ms']:>15.2f}{figures['per_s']:>12.0f}{figures['memory_mb']:>12.0f}")
    lines += ["", "ratio to the bare loop, median (min to max)"]
    for name, ratio in result["ratio"].items():
        goal = result["goals"].get(name, "")
        lines.append(f"{name:24}{ratio['median']:>6.2f}  ({ratio['min']:.2f} to {ratio['max']:.2f})  {goal}")
    parts = ", ".join(f"{name} {value}" for name, value in result["where_cpu_ms_goes_single"].items())
    return "\n".join([*lines, "", f"CPU ms of one ticket: {parts}"])
