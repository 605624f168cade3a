"""The `triage simulator` command."""

import argparse
import sys
from pathlib import Path

from ops.simulator.config import DEFAULT_PORT, SimulatorConfig, parse_latency
from ops.simulator.faults.notation import load_faults, parse_short
from ops.simulator.metering.limits import Limits
from ops.simulator.metering.limits_file import load_limits

WRONG_USAGE = 2
LAST_PORT = 65_535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to a parser."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="0 takes a free port (default: %(default)s)")
    parser.add_argument("--latency", default="realistic", metavar="WHAT", help="realistic, zero or a scale factor")
    parser.add_argument("--seed", type=int, default=0, help="for waiting times and faults (default: %(default)s)")
    parser.add_argument("--train", type=Path, action="append", default=[], metavar="FILE", help="labelled JSONL")
    parser.add_argument("--faults", type=Path, metavar="FILE", help="fault plan, TOML")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND=SHARE[@START-END]", help="one fault")
    parser.add_argument("--limits", type=Path, metavar="FILE", help="limits per model, TOML")
    parser.add_argument("--unlimited", action="store_true", help="switch the limits off")
    parser.add_argument("--api-key", action="append", default=[], metavar="KEY", help="default: any sk-… key")
    parser.add_argument(
        "--bill-dropped", action="store_true", help="bill a call whose client left before the answer, as a provider may"
    )
    parser.add_argument("--log", action="store_true", help="one line per call on standard error")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; 2 for wrong arguments or files, or a port that is taken."""
    from ops.simulator.server import run as serve  # aiohttp only where it is needed

    try:
        serve(configuration(args))
    except (ValueError, OSError) as error:
        print(f"triage simulator: {error}", file=sys.stderr)
        return WRONG_USAGE
    return 0


def configuration(args: argparse.Namespace) -> SimulatorConfig:
    """Build the configuration; ValueError or OSError says what is wrong with an argument or file."""
    planned = load_faults(args.faults) if args.faults else ()
    limits = load_limits(args.limits) if args.limits else Limits()
    return SimulatorConfig(
        host=args.host,
        port=args.port,
        latency=parse_latency(args.latency),
        seed=args.seed,
        train=tuple(args.train),
        faults=(*planned, *(parse_short(text) for text in args.fault)),
        limits=limits.without_limits() if args.unlimited else limits,
        api_keys=frozenset(args.api_key),
        bill_dropped=args.bill_dropped,
        log=args.log,
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to {LAST_PORT} is needed")
    return int(text)
