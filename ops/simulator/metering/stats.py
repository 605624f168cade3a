"""What the simulator has seen, for tests and reports."""

import time
from collections import Counter

from ops.simulator.metering.prompt_cache import InputUsage

DROPPED = "dropped"  # the client left before the answer was complete


class Stats:
    """Counts since the start or the last reset."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Start counting anew; calls in flight stay in flight."""
        self._started = time.monotonic()
        self.most_in_flight = self.in_flight
        self._calls: Counter[tuple[str, str]] = Counter()
        self._faults: Counter[str] = Counter()
        self._tokens: Counter[tuple[str, str]] = Counter()
        self._nano_dollars: Counter[str] = Counter()
        self._unpriced: Counter[str] = Counter()

    def opened(self) -> None:
        """Count a call in."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def closed(self, model: str, status: str) -> None:
        """Count a call out; `status` is an HTTP status or `dropped`."""
        self.in_flight -= 1
        self._calls[model, status] += 1

    def fault(self, kind: str) -> None:
        """Count a planned fault."""
        self._faults[kind] += 1

    def billed(self, model: str, usage: InputUsage, output_tokens: int, nano_dollars: int | None) -> None:
        """Count an answered call's tokens and price."""
        tokens = self._tokens
        tokens[model, "input"] += usage.uncached
        tokens[model, "cache_write_5m"] += usage.written_5m
        tokens[model, "cache_write_1h"] += usage.written_1h
        tokens[model, "cache_read"] += usage.read
        tokens[model, "output"] += output_tokens
        if nano_dollars is None:
            self._unpriced[model] += 1
        else:
            self._nano_dollars[model] += nano_dollars

    def snapshot(self) -> dict[str, object]:
        """Return everything counted, as plain values."""
        return {
            "simulated": True,
            "calls": _nested(self._calls),
            "faults": dict(self._faults),
            "tokens": _nested(self._tokens),
            "bill_nano_dollars": dict(self._nano_dollars),
            "unpriced_calls": dict(self._unpriced),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "up_s": round(time.monotonic() - self._started, 3),
        }


def _nested(flat: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    tree: dict[str, dict[str, int]] = {}
    for (outer, inner), count in sorted(flat.items()):
        tree.setdefault(outer, {})[inner] = count
    return tree
