"""What the models of JSON that strangers send have in common: null is absent, and lists have an end."""

from typing import Any

from pydantic import BaseModel, BeforeValidator, model_validator


class NullIsAbsent(BaseModel):
    """A model whose optional members may be null: whoever has nothing to say writes it as well as leaves it out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict) or None not in value.values():
            return value
        known = cls.model_fields
        return {name: item for name, item in value.items() if item is not None or not _is_optional(known.get(name))}


def _is_optional(field: Any) -> bool:
    return field is not None and not field.is_required()


def _without_null_values(value: object) -> object:
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, dict) else value


NULL_VALUES_ARE_ABSENT = BeforeValidator(_without_null_values)
"""For a mapping: its null members say nothing."""


def at_most(most: int) -> BeforeValidator:
    """Refuse a list that is too long before its items are looked at: a million wrong ones have a million errors."""

    def check(value: object) -> object:
        if isinstance(value, (list, tuple, dict)) and len(value) > most:
            raise ValueError(f"must have at most {most:,} entries, and has {len(value):,}")
        return value

    return BeforeValidator(check)
