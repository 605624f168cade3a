"""What pydantic found wrong, in words for the person who wrote the file or set the variable."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_NUMBER = "must be a number"
_WHOLE = "must be a whole number"
_DATE = "must be a date like 2026-12-31"
_TABLE = "must be an object (in TOML: a table)"
_LIST = "must be a list"

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a known name",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "decimal_max_places": "must have at most {decimal_places} decimals",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "too_long": "must have at most {max_length} entries, and has {actual_length}",
    **dict.fromkeys(("float_parsing", "float_type", "decimal_parsing", "decimal_type"), _NUMBER),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DATE),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type", "mapping_type"), _TABLE),
    **dict.fromkeys(("list_type", "tuple_type", "iterable_type"), _LIST),
}

_INPUT_SHOULD = re.compile(r"^(?:Input|Value|\w+) should ")


def in_words(item: ErrorDetails) -> str:
    """Say what is wrong with one value, without the value: it may be private."""
    kind, context = item["type"], dict(item.get("ctx", {}))
    if kind in ("literal_error", "enum"):
        return f"must be {_choice(str(context.get('expected', '')))}"
    if kind in ("string_too_short", "too_short"):
        return _too_short(context, "characters" if kind == "string_too_short" else "entries")
    words = _WORDS.get(kind)
    if words is None:
        return _INPUT_SHOULD.sub("must ", item["msg"].removeprefix("Value error, "))
    return words.format_map({name: _number(value) for name, value in context.items()})


def explain(
    error: ValidationError, name: Callable[[tuple[int | str, ...]], str], *, missing: str = "is missing"
) -> list[str]:
    """Say all that is wrong, each as `where: what`; `name` writes a place, and "" where there is none to name."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        where = name(item["loc"])
        what = missing if item["type"] == "missing" else in_words(item)
        found.append(f"{where}: {what}" if where else what)
    return found


def _number(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _choice(expected: str) -> str:
    names = expected.replace("'", "").replace(" or ", ", ")
    return names if "," not in names else f"one of {names}"


def _too_short(context: dict[str, Any], noun: str) -> str:
    least = context.get("min_length", 1)
    if least == 1:
        return "must not be empty"
    has = f", and has {context['actual_length']}" if "actual_length" in context else ""
    return f"must have at least {least} {noun}{has}"
