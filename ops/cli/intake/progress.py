"""How far a submission has come: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from ops.cli.terminal.output import is_watched, say
from ops.cli.terminal.wording import count, duration

LINE_EVERY_S = 10.0


class ProgressView:
    """Use as a context manager. Messages go through `say`, so that they do not tear the bar."""

    def __init__(self, total_bytes: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total_bytes
        self._clock = clock
        self._started = self._line_at = clock()
        self._bar = _make_bar() if is_watched() else None
        self._task = self._bar.add_task("submitting", total=total_bytes, tickets=0) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, *, bytes_read: int, tickets: int) -> None:
        """Show how far it is."""
        now = self._clock()
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=bytes_read, tickets=tickets)
        elif now - self._line_at >= LINE_EVERY_S:
            self._line_at = now
            say(progress_line(now - self._started, bytes_read, self._total, tickets))

    def say(self, text: str) -> None:
        """Tell a person something, above the bar."""
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            say(text)


def progress_line(elapsed_s: float, bytes_read: int, total: int | None, tickets: int) -> str:
    """Say how far it is: `12,000 tickets, 1,200/s, 40 %, 15.0 s left`."""
    line = f"{count(tickets, 'ticket')}, {tickets / elapsed_s:,.0f}/s"
    if not total or not bytes_read:
        return line
    left_s = elapsed_s * max(0, total - bytes_read) / bytes_read
    return f"{line}, {min(1.0, bytes_read / total):.0%}, {duration(left_s)} left"


def _make_bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            ProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text
    except ModuleNotFoundError:
        return None  # the work does not need a bar

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            tickets, elapsed_s = task.fields["tickets"], task.elapsed or 0.0
            rate = f", {tickets / elapsed_s:,.0f}/s" if elapsed_s else ""
            return Text(f"{tickets:,} tickets{rate}")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
