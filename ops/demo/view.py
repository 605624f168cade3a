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
from ops.cli.terminal.wording import dollars

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
                f"{alive}/{workers} workers alive, {dollars(totals.cost_nusd)}",
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
            ("cost", f"{dollars(totals.cost_nusd)}"),
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
    """Print the summary for a person, on standard output: what matters in words, the rest as a table."""
    console = Console()
    console.print()
    for line in headlines(summary):
        console.print(line, highlight=False)
    table = Table(title="The figures (simulated API)", title_justify="left", show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column()
    for name, value in summary.items():
        table.add_row(name.replace("_", " "), _words(name, value))
    console.print()
    console.print(table)


def headlines(summary: dict[str, Any]) -> list[str]:
    """Say in sentences what became of the tickets."""
    waiting = f", {summary['waiting']} waiting" if summary["waiting"] else ""
    ended = f"{summary['triaged']} triaged, {summary['parked']} parked for a human"
    lines = [f"[bold]{summary['accepted']} tickets accepted: {ended}{waiting}.[/bold]"]
    if summary["invariant_holds"] and not summary["duplicate_results"]:
        lines.append("[green]Nothing was lost, and nothing was decided twice.[/green]")
    else:
        lines.append(
            f"[red]The books do not balance, or {summary['duplicate_results']} tickets were decided twice.[/red]"
        )
    if summary["killed"]:
        workers = "1 worker was" if summary["killed"] == 1 else f"{summary['killed']} workers were"
        again = summary["calls_received"] - summary["calls"]
        lines.append(
            f"{workers} killed with -9; {summary['leases_expired']} tickets were taken over when their leases ended, "
            f"and {again} calls had to be made again."
        )
    if summary["budget"] and summary["budget"]["is_spent"]:
        lines.append(
            f"The budget of {_money(summary['budget']['limit_usd'])} is used up; the rest waits for more money."
        )
    if summary["cost_usd"]:
        times = summary["cost_usd_frontier_only"] / summary["cost_usd"]
        lines.append(
            f"Cost: {_money(summary['cost_usd'])}. "
            f"The frontier model alone: {_money(summary['cost_usd_frontier_only'])}, {times:.1f} times as much."
        )
    known = {name: share for name, share in summary["accuracy"].items() if share is not None}
    if known:
        shares = ", ".join(f"{name.replace('_', ' ')} {share:.0%}" for name, share in known.items())
        lines.append(f"Agreement with our labels: {shares} (the simulator's, not a real model's).")
    return lines


def _money(amount_usd: float) -> str:
    return dollars(round(amount_usd * NANO_PER_DOLLAR))


def _words(name: str, value: object) -> str:
    if isinstance(value, dict):
        inner = (f"{key} {_words(name, item)}" for key, item in value.items())
        return ", ".join(inner) or "none"
    if value is None:
        return "not known" if name == "accuracy" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if name.startswith("cost"):
            return _money(value)
        return f"{value:.1%}" if name == "accuracy" else f"{value:g}"
    return str(value)
