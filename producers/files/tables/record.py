"""A table's record under the names of a ticket's fields: dates are read, words are kept whatever column holds them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from producers.files.jsonl import Row
from producers.files.tables.columns import Columns, other_texts
from producers.files.tables.dates import read_moment
from producers.rejection import Rejected

MAX_FIELDS = 50
MAX_VALUE = 1_000
"""A ticket's own bounds on fields; a longer value is text, and stands in the body."""

_MAX_NAME = 100


@dataclass(slots=True)
class RecordReader:
    """Makes rows of records; `day_first` is how the column of dates was understood.

    `dates` and `not_understood` count what stood in it, for the summary.
    """

    header: Sequence[str]
    columns: Columns
    day_first: bool = False
    dates: int = 0
    not_understood: int = 0
    _texts: tuple[int, ...] = ()
    _others: tuple[int, ...] = field(default=())

    def __post_init__(self) -> None:
        taken = set(self.columns.by_field.values())
        self._others = tuple(number for number in range(len(self.header)) if number not in taken)
        self._texts = tuple(number for number in other_texts(self.header) if number in self._others)

    @property
    def unmapped(self) -> list[str]:
        """Names of the columns that become fields."""
        return [self.header[number] for number in self._others if self.header[number].strip()]

    def read(self, line: int, record: list[str]) -> Row | Rejected:
        """Make a row of a record that has the header's length."""
        values: dict[str, object] = {}
        own: dict[str, str] = {}
        for name, number in self.columns.by_field.items():
            if name.startswith("fields."):
                own[name.removeprefix("fields.")] = record[number]
            elif record[number] or name == "body":
                values[name] = record[number]
        self._keep_others(record, values, own)
        if own := {name: value for name, value in own.items() if value}:
            values["fields"] = own
        if (text := values.pop("received_at", None)) is None:
            return Row(line, values)
        return self._dated(line, str(text), values)

    def _keep_others(self, record: list[str], values: dict[str, object], own: dict[str, str]) -> None:
        body = str(values.get("body", "")).strip()
        is_said = bool(body or str(values.get("subject", "")).strip())
        spoken = next((number for number in self._texts if record[number].strip()), None) if not body else None
        if spoken is None and not is_said:
            spoken = max(
                (number for number in self._others if _has_words(record[number])),
                key=lambda number: len(record[number]),
                default=None,
            )
        if spoken is not None:
            values["body"] = body = record[spoken]
        for number in self._others:
            value, name = record[number].strip(), self.header[number].strip()[:_MAX_NAME] or f"column {number + 1}"
            if number == spoken or not value:
                continue
            joined = f"{own[name]}; {value}" if name in own else value
            if len(joined) > MAX_VALUE or (name not in own and len(own) >= MAX_FIELDS):
                values["body"] = body = f"{body}\n\n{name}: {value}".strip()
            else:
                own[name] = joined

    def _dated(self, line: int, text: str, values: dict[str, object]) -> Row | Rejected:
        moment = read_moment(text, day_first=self.day_first)
        self.dates += 1
        if moment is not None:
            values["received_at"] = moment
        elif "received_at" in self.columns.guessed:
            self.not_understood += 1
        else:
            return Rejected(line, "received_at: a date and time is needed, like 2026-01-31T09:30:00Z")
        return Row(line, values)


def _has_words(value: str) -> bool:
    return " " in value.strip() and any(letter.isalpha() for letter in value)
