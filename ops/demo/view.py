"""What a person sees while the demo runs: a live table on a terminal, a line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fleet.ledger.reading import Totals
from fleet.money import NANO_PER_DOLLAR

_LINE_EVERY_S = 3.0


class View:
    """Progress on standard error; silent when `is_quiet`."""

    def __init__(self, total: int, *, is_quiet: bool) -> None:
        self._console = Console(stderr=True)
        self._total = total
        self._is_quiet = is_quiet
        self._is_live = self._console.is_terminal and not is_quiet
        self._started = self._last_line = time.monotonic()
        self._news: list[str] = []
        self._bar = Progress(TextColumn("triaging"), BarColumn(bar_width=40), MofNCompleteColumn(), TimeElapsedColumn())
        self._task = self._bar.add_task("triage", total=total)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        if self._is_live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_live:
            self._live.stop()

    def say(self, text: str) -> None:
        """Tell one piece of news."""
        self._news.append(text)
        if not self._is_quiet and not self._is_live:
            print(text, file=sys.stderr, flush=True)

    def show(self, totals: Totals, *, alive: int, workers: int) -> None:
        """Show where things stand."""
        ended = totals.triaged + totals.parked
        if self._is_live:
            self._bar.update(self._task, completed=ended)
            self._live.update(self._panel(totals, alive, workers))
        elif not self._is_quiet and time.monotonic() - self._last_line > _LINE_EVERY_S:
            self._last_line = time.monotonic()
            print(
                f"{ended}/{self._total} ended, {totals.running} at work, {totals.escalated} escalated, "
                f"{alive}/{workers} workers alive, ${totals.cost_nusd / NANO_PER_DOLLAR:.4f}",
                file=sys.stderr,
                flush=True,
            )

    def _panel(self, totals: Totals, alive: int, workers: int) -> Panel:
        grid = Table.grid(padding=(0, 3))
        elapsed_s = max(time.monotonic() - self._started, 0.001)
        cells: tuple[tuple[str, Any], ...] = (
            ("waiting", totals.waiting - totals.running),
            ("at work", totals.running),
            ("triaged", totals.triaged),
            ("parked", totals.parked),
            ("escalated", totals.escalated),
            ("tickets/s", f"{(totals.triaged + totals.parked) / elapsed_s:.1f}"),
            ("cost", f"${totals.cost_nusd / NANO_PER_DOLLAR:.4f}"),
            ("workers", f"{alive}/{workers}"),
            ("leases expired", totals.leases_expired),
        )
        for _ in cells:
            grid.add_column(justify="right")
        grid.add_row(*(f"[dim]{name}[/dim]" for name, _ in cells))
        grid.add_row(*(f"[bold]{value}[/bold]" for _, value in cells))
        title = "triage-fleet, simulated API"
        return Panel(Group(self._bar, grid, *(f"[yellow]{line}[/yellow]" for line in self._news[-4:])), title=title)


def print_summary(summary: dict[str, Any]) -> None:
    """Print the summary as a table for a person, on standard output."""
    table = Table(title="What became of the tickets (simulated API)", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in summary.items():
        table.add_row(name.replace("_", " "), _words(name, value))
    Console().print(table)


def _words(name: str, value: object) -> str:
    if isinstance(value, dict):
        inner = (f"{key} {_words(name, item)}" for key, item in value.items())
        return ", ".join(inner) or "none"
    if value is None:
        return "not known (no labels)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if name.startswith("cost"):
            return f"${value:.6f}"
        return f"{value:.1%}" if name == "accuracy" else f"{value:g}"
    return str(value)
