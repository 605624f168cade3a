"""How far a submission has come: a bar with a rate on a terminal, nothing elsewhere."""

from types import TracebackType
from typing import Any, Self

from ops.cli.terminal.output import is_watched, say


class ProgressView:
    """Use as a context manager. Messages go through `say`, so that they do not tear the bar."""

    def __init__(self, total_bytes: int | None) -> None:
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
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=bytes_read, tickets=tickets)

    def say(self, text: str) -> None:
        """Tell a person something, above the bar."""
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            say(text)


def _make_bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
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
        console=Console(stderr=True),
        transient=True,
    )
