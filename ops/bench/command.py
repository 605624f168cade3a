"""`triage bench NAME`: measure this machine's copy of the fleet against a yardstick."""

import argparse
import json
import sys
from typing import Any

from fleet.errors import ConfigurationError
from fleet.settings import Settings

BENCHES = ("fleet",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `triage bench`."""
    parser.add_argument("name", choices=BENCHES, help="fleet: CPU, speed and memory against a bare loop of SDK calls")
    parser.add_argument("--tickets", type=int, default=2000, metavar="N", help="tickets in a run (default: 2000)")
    parser.add_argument("--in-flight", type=int, default=200, metavar="N", help="calls at once (default: 200)")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="runs of each kind, in turn (default: 5)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def run(args: argparse.Namespace, _settings: Settings) -> int:
    """Run the benchmark; 0 when every goal is met, 1 when not."""
    from ops.bench.fleet import FleetBench

    if min(args.tickets, args.in_flight, args.pairs) < 1:
        raise ConfigurationError("--tickets, --in-flight and --pairs take a number from 1 on")

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    bench = FleetBench(count=args.tickets, in_flight=args.in_flight, pairs=args.pairs, say=say)
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
