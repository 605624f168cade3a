"""How a measured process tells what became of each call: one line `<monotonic seconds> <outcome>` in a file."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

OK, FAILED = "ok", "failed"


class Outcomes:
    """Writes outcomes, each at once, so that a process which is killed has told all but its last."""

    def __init__(self, file: Path) -> None:
        self._lines = file.open("a", buffering=1)

    def add(self, outcome: str) -> None:
        """Write one. Safe in threads: a line is a single write."""
        self._lines.write(f"{time.monotonic():.4f} {outcome}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()


def count(lines: Iterable[str], start_s: float = 0.0, end_s: float = float("inf")) -> Counter[str]:
    """Count the outcomes of a time; a line that was cut off by a kill is left out."""
    found: Counter[str] = Counter()
    for line in lines:
        at, _, outcome = line.strip().partition(" ")
        if outcome and start_s <= float(at) < end_s:
            found[outcome] += 1
    return found


def count_files(files: Iterable[Path], start_s: float = 0.0, end_s: float = float("inf")) -> Counter[str]:
    """Count over the files of several processes."""
    found: Counter[str] = Counter()
    for file in files:
        if file.exists():
            found += count(file.read_text().splitlines(), start_s, end_s)
    return found
