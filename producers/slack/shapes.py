"""Values of Slack's JSON, asked for by kind; what is of another kind counts as empty."""

from collections.abc import Mapping
from typing import Any

_MOST_ROWS = 100


def word(values: Mapping[str, Any], name: str) -> str:
    """A string."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


def inner(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object."""
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def rows(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list, as many as Slack ever sends."""
    given = values.get(name)
    return [row for row in given[:_MOST_ROWS] if isinstance(row, Mapping)] if isinstance(given, list) else []
