"""Everything a simulator is told at its start."""

from dataclasses import dataclass, field
from pathlib import Path

from ops.simulator.faults.plan import Fault
from ops.simulator.metering.limits import Limits
from ops.simulator.metering.prices import PRICE_FILE

DEFAULT_PORT = 8089
NAMED_LATENCIES = {"realistic": 1.0, "zero": 0.0}


@dataclass(frozen=True)
class SimulatorConfig:
    """How a simulator behaves.

    `port` 0 takes a free one; `latency` scales realistic waiting times (0 answers at once); `train` adds labelled
    tickets; no `api_keys` accepts every key that starts with `sk-`.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    latency: float = 1.0
    seed: int = 0
    train: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()
    limits: Limits = field(default_factory=Limits)
    api_keys: frozenset[str] = frozenset()
    prices: Path = PRICE_FILE
    log: bool = False
    bill_dropped: bool = False


def parse_latency(text: str) -> float:
    """Read `realistic`, `zero` or a scale factor."""
    if text in NAMED_LATENCIES:
        return NAMED_LATENCIES[text]
    try:
        scale = float(text)
    except ValueError:
        scale = -1.0
    if not 0 <= scale < float("inf"):
        raise ValueError(f"{text!r}: expected realistic, zero or a scale factor that is not negative")
    return scale
