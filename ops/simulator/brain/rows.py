"""Labelled tickets to learn from: the bundled ones, and whatever `--train` names."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ops.simulator.answer.ticket_text import joined

BUNDLED = Path(__file__).parents[2] / "data"


@dataclass(frozen=True)
class Row:
    """A ticket's text and its labels, each as a string (`true` and `false` for booleans)."""

    text: str
    labels: dict[str, str]


def label(value: object) -> str:
    """Return a label's value as a string; JSON's words for booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def load_rows(extra: Sequence[Path] = (), bundled: Path = BUNDLED) -> list[Row]:
    """Read the bundled rows and the extra files; a label key that an extra file brings is learned from there alone."""
    own = [row for path in extra for row in _read(path)]
    taken = {key for row in own for key in row.labels}
    paths = sorted(bundled.glob("*.jsonl")) if bundled.is_dir() else []
    base = (_without(row, taken) for path in paths for row in _read(path))
    return [row for row in [*own, *base] if row.labels]


def _without(row: Row, keys: Iterable[str]) -> Row:
    return replace(row, labels={key: value for key, value in row.labels.items() if key not in keys})


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path}:{number}: not JSON: {error}") from error
            yield _row(found)


def _row(found: object) -> Row:
    if not isinstance(found, dict) or not isinstance(found.get("labels"), dict):
        return Row("", {})
    labels = {key: label(value) for key, value in found["labels"].items() if isinstance(value, str | bool)}
    return Row(joined(found.get("subject"), found.get("text", found.get("body"))), labels)
