"""The labelled tickets of `ops/data`, as tickets; and other data where it happens to lie beside the repository."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fleet.ticket import Ticket

REPOSITORY = Path(__file__).parents[2]
BUNDLED = REPOSITORY / "ops" / "data" / "tickets.jsonl"
SHARED = REPOSITORY.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir() and os.environ.get("CI") != "true",  # noqa: TID251 - not a setting: who runs the tests
    reason="the public data sets do not lie beside the repository",
)
"""A laptop skips such a test, CI fails it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket with what people said about it."""

    ticket: Ticket
    language: str
    tags: frozenset[str]
    labels: dict[str, Any]


def bundled() -> list[Row]:
    """Read the labelled tickets; `automated` is set where a producer would have set it."""
    return [_row(json.loads(line)) for line in BUNDLED.read_text("utf-8").split("\n") if line]


def _row(raw: dict[str, Any]) -> Row:
    ticket = Ticket(
        id=raw["id"],
        source=raw["source"],
        subject=raw["subject"] or "",
        body=raw["text"],
        sender=raw["sender"],
        automated=raw.get("automated"),
    )
    return Row(ticket, raw["lang"], frozenset(raw["tags"]), raw["labels"])


def shared_rows(folder: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of every JSONL file of a folder of the shared data; ends at once where there is none."""
    for file in sorted((SHARED / folder).glob("*.jsonl")):
        for line in file.read_text("utf-8").split("\n"):
            if line:
                yield json.loads(line)


def shared_texts(folder: str) -> Iterator[str]:
    """Yield the texts of those rows."""
    return (str(row["text"]) for row in shared_rows(folder))
