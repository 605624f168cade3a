"""What the models of JSON that strangers send have in common: null is absent, and unknown names have an end."""

from typing import Any

from pydantic import BaseModel, BeforeValidator, model_validator

MAX_NAMES = 100
"""Names in one object where unknown ones are refused, for each of those is an error of its own."""


class NullIsAbsent(BaseModel):
    """A model whose optional members may be null: whoever has nothing to say writes it as well as leaves it out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        if len(value) > MAX_NAMES and cls.model_config.get("extra") == "forbid":
            raise ValueError(f"must have at most {MAX_NAMES:,} names, and has {len(value):,}")
        if None not in value.values():
            return value
        known = cls.model_fields
        return {name: item for name, item in value.items() if item is not None or not _is_optional(known.get(name))}


def _is_optional(field: Any) -> bool:
    return field is not None and not field.is_required()


def _without_null_values(value: object) -> object:
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


NULL_VALUES_ARE_ABSENT = BeforeValidator(_without_null_values)
"""For a mapping: its null members say nothing."""
