"""Fills the slots of a schema for one text: the simulated model's whole reply."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ops.simulator.answer.choosers import Chooser, Reading, make_chooser
from ops.simulator.answer.slots import Filling, Slot, read_slot
from ops.simulator.brain.brain import Choice
from ops.simulator.brain.counts import Columns
from ops.simulator.brain.language import guess_language

LONGEST_REASON = 200
Decisions = dict[Slot, Choice]


class Writer:
    """Everything about an answer that depends on system prompt and schema alone; made once, used for every ticket."""

    def __init__(self, schema: Mapping[str, Any], columns: Columns, background: str) -> None:
        self.root = read_slot("", schema, schema.get("$defs", {}))
        self._choosers = {
            slot: make_chooser(slot, columns, background) for slot in walk(self.root) if slot.filling is Filling.CHOICE
        }
        self._fill: Mapping[Filling, Callable[[Slot, Reading, Decisions], Any]] = {
            Filling.CHOICE: lambda slot, _, made: slot.values[made[slot].place],
            Filling.CONFIDENCE: lambda _, __, made: confidence(made),
            Filling.NUMBER: lambda *_: 0,
            Filling.SENTENCE: lambda _, reading, made: self._reason(reading, made),
            Filling.LANGUAGE: lambda _, reading, __: guess_language(reading.text, reading.tokens),
            Filling.OBJECT: self._object,
            Filling.LIST: lambda slot, reading, made: [self._value(part, reading, made) for part in slot.parts],
            Filling.NOTHING: lambda *_: None,
        }

    def write(self, reading: Reading) -> Any:
        """Return the reply's value: for an object schema a dict with every property."""
        made = {slot: chooser.choose(reading) for slot, chooser in self._choosers.items()}
        return self._value(self.root, reading, made)

    def _value(self, slot: Slot, reading: Reading, made: Decisions) -> Any:
        return self._fill[slot.filling](slot, reading, made)

    def _object(self, slot: Slot, reading: Reading, made: Decisions) -> dict[str, Any]:
        return {part.name: self._value(part, reading, made) for part in slot.parts}

    def _reason(self, reading: Reading, made: Decisions) -> str:
        for slot, choice in made.items():
            column = self._choosers[slot].reason_column(choice.place)
            if column is not None:
                words = reading.brain.strongest(reading.look, column)
                return sentence(slot.values[choice.place], words)
        return "Chosen by the words it shares with the descriptions."


def walk(slot: Slot) -> Iterator[Slot]:
    """Yield a slot and all slots within it."""
    yield slot
    for part in slot.parts:
        yield from walk(part)


def confidence(made: Decisions) -> float:
    """Return the probability that all named choices are right, taking them as independent.

    Booleans stay out: a flag that only asks for more care is not what the caller escalates over.
    """
    named = [choice for slot, choice in made.items() if not isinstance(slot.values[choice.place], bool)]
    product = math.prod(choice.probability for choice in named or made.values())
    return round(product, 3)


def sentence(value: object, words: list[str]) -> str:
    """Return one short sentence that names the words that decided."""
    if not words:
        return f"Nothing in the text speaks clearly; {value} is the likeliest."[:LONGEST_REASON]
    return f"Looks like {value}, judging by: {', '.join(words)}."[:LONGEST_REASON]


__all__ = ["Chooser", "Writer", "confidence", "sentence", "walk"]
