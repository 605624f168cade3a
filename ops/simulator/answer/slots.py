"""An output schema turned into slots to fill: one per property, references and unions resolved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ops.simulator.api.output_schema import resolve


class Filling(Enum):
    """What kind of value a slot takes."""

    CHOICE = auto()
    CONFIDENCE = auto()
    NUMBER = auto()
    SENTENCE = auto()
    LANGUAGE = auto()
    OBJECT = auto()
    LIST = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Slot:
    """A named place in the answer: `values` are a choice's allowed ones, `parts` the slots of an object or list."""

    name: str
    filling: Filling
    values: Sequence[Any] = ()
    description: str = ""
    parts: "Sequence[Slot]" = ()


_SIMPLE = {"number": Filling.NUMBER, "integer": Filling.NUMBER, "null": Filling.NOTHING}


def read_slot(name: str, node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Slot:
    """Return the slot of a schema; of a union the first member that is not null."""
    full = resolve(node, definitions)
    description = str(full.get("description", ""))
    values = [full["const"]] if "const" in full else full.get("enum")
    if values is not None:
        return Slot(name, Filling.CHOICE, tuple(values), description)
    members = full.get("anyOf") or full.get("allOf")
    if members:
        inner = _first_useful(members, definitions)
        return read_slot(name, {"description": description, **inner} if description else inner, definitions)
    return _typed(name, full, description, definitions)


def _typed(name: str, node: Mapping[str, Any], description: str, definitions: Mapping[str, Any]) -> Slot:
    kind = node.get("type")
    if kind == "boolean":
        return Slot(name, Filling.CHOICE, (False, True), description)
    if kind == "object":
        parts = [read_slot(key, child, definitions) for key, child in node.get("properties", {}).items()]
        return Slot(name, Filling.OBJECT, parts=tuple(parts))
    if kind == "array":
        item = read_slot(name, node.get("items", {"type": "string"}), definitions)
        return Slot(name, Filling.LIST, parts=(item,) if node.get("minItems") else ())
    if kind == "string":
        return Slot(name, Filling.LANGUAGE if name == "language" else Filling.SENTENCE, description=description)
    filling = _SIMPLE.get(str(kind), Filling.NOTHING)
    return Slot(name, Filling.CONFIDENCE if kind == "number" and name == "confidence" else filling)


def _first_useful(members: Sequence[Mapping[str, Any]], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((member for member in members if resolve(member, definitions).get("type") != "null"), members[0])
