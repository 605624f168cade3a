"""The demo's tickets: the bundled labelled set, written for this project, or the rows of a JSONL file."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.errors import ConfigurationError
from fleet.ticket import Ticket
from producers.files.jsonl import Rejected, read_rows, row_to_ticket

BUNDLED = Path(__file__).parents[1] / "data" / "tickets.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A ticket, its producer key, and what people said of it (empty where nobody did)."""

    ticket: Ticket
    key: str
    labels: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TicketSet:
    """What there is to triage, and what could not be read, as (place, reason)."""

    tickets: list[Labelled]
    rejected: list[tuple[str, str]]


def load(dataset: Path | None, count: int | None) -> TicketSet:
    """Read the tickets; `count` cuts the set, or repeats the bundled one under new keys when it asks for more."""
    file = dataset or BUNDLED
    tickets: list[Labelled] = []
    rejected: list[tuple[str, str]] = []
    try:
        with file.open("rb") as lines:
            for row in read_rows(lines):
                made = row if isinstance(row, Rejected) else row_to_ticket(row)
                if isinstance(made, Rejected):
                    rejected.append((f"{file.name}:{made.line}", made.reason))
                elif not isinstance(row, Rejected):
                    labels = row.values.get("labels")
                    tickets.append(Labelled(made, f"demo:{row.line}", labels if isinstance(labels, dict) else {}))
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from None
    if not tickets:
        raise ConfigurationError(f"{file} has no ticket in it; a row needs at least a text")
    return TicketSet(list(_cut(tickets, count, may_repeat=dataset is None)), rejected)


def _cut(tickets: list[Labelled], count: int | None, *, may_repeat: bool) -> Iterator[Labelled]:
    if count is None or (count > len(tickets) and not may_repeat):
        yield from tickets
        return
    for number, labelled in enumerate(itertools.islice(itertools.cycle(tickets), count)):
        again = number // len(tickets)
        if again == 0:
            yield labelled
        else:
            copy = labelled.ticket.model_copy(update={"id": f"{labelled.ticket.id}-{again}"})
            yield Labelled(copy, f"{labelled.key}-{again}", labelled.labels)
