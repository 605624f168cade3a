"""How one enumerated or boolean property is decided: by a trained brain, by word overlap, or by both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops.simulator.answer.slots import Slot
from ops.simulator.brain.brain import Brain, Choice, Look
from ops.simulator.brain.counts import Columns
from ops.simulator.brain.overlap import Overlap
from ops.simulator.brain.rows import label

UNTRAINED_TRUE, UNTRAINED_FALSE = 0.4, 0.6


@dataclass(frozen=True)
class Reading:
    """One text as one brain read it."""

    brain: Brain
    look: Look
    tokens: list[str]
    text: str


class Chooser(Protocol):
    """Decides one property."""

    def choose(self, reading: Reading) -> Choice:
        """Return the place of the chosen value and its probability."""

    def reason_column(self, place: int) -> int | None:
        """Return the column that explains a chosen place, if a brain chose it."""


class Trained:
    """Every value is known from the training labels."""

    def __init__(self, key: str, columns: Sequence[int]) -> None:
        self._key = key
        self._columns = tuple(columns)

    def choose(self, reading: Reading) -> Choice:
        """Ask the brain."""
        return reading.brain.choose(reading.look, self._key, self._columns)

    def reason_column(self, place: int) -> int | None:
        """Return the chosen value's column."""
        return self._columns[place]


class ByWords:
    """No value is known: names and descriptions decide."""

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap

    def choose(self, reading: Reading) -> Choice:
        """Compare words."""
        return self._overlap.choose(reading.tokens)

    def reason_column(self, place: int) -> int | None:  # noqa: ARG002 - the protocol's shape
        """Return nothing: there is no column."""
        return None


class UntrainedFlag:
    """A boolean nobody labelled: true when the text has words of its name or description."""

    def __init__(self, name: str, description: str) -> None:
        self._overlap = Overlap([name], f"{name}: {description}")

    def choose(self, reading: Reading) -> Choice:
        """Look for the flag's own words."""
        hit = self._overlap.scores(reading.tokens)[0] > 1.0
        return Choice(1, UNTRAINED_TRUE) if hit else Choice(0, UNTRAINED_FALSE)

    def reason_column(self, place: int) -> int | None:  # noqa: ARG002 - the protocol's shape
        """Return nothing: there is no column."""
        return None


class Mixed:
    """Some values are known: the brain chooses among those, unless the text speaks of an unknown one."""

    def __init__(self, key: str, columns: Mapping[int, int], overlap: Overlap) -> None:
        self._places = list(columns)
        self._columns = columns
        self._trained = Trained(key, list(columns.values()))
        self._overlap = overlap

    def choose(self, reading: Reading) -> Choice:
        """Prefer an unknown value only if its words beat every known value's."""
        scores = self._overlap.scores(reading.tokens)
        best = max(range(len(scores)), key=lambda place: scores[place])
        if scores[best] > 0 and best not in self._columns:
            return self._overlap.choose(reading.tokens)
        known = self._trained.choose(reading)
        return Choice(self._places[known.place], known.probability)

    def reason_column(self, place: int) -> int | None:
        """Return the column of a known value."""
        return self._columns.get(place)


def make_chooser(slot: Slot, columns: Columns, background: str) -> Chooser:
    """Return the chooser for a property; `background` is the system prompt, which may describe the values."""
    names = [label(value) for value in slot.values]
    trained = columns.by_key.get(slot.name, {})
    known = {place: trained[name] for place, name in enumerate(names) if name in trained}
    if len(known) == len(names):
        return Trained(slot.name, list(known.values()))
    if _is_flag(slot.values):
        return UntrainedFlag(slot.name, slot.description)
    overlap = Overlap(names, f"{slot.description}\n{background}")
    return Mixed(slot.name, known, overlap) if known else ByWords(overlap)


def _is_flag(values: Sequence[Any]) -> bool:
    return list(values) == [False, True]
