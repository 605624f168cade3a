"""Values of JSON that others wrote: asked for by type, with an empty one in their place."""

from typing import Any


def text(value: Any) -> str:
    """A string, or the empty one; numbers count as written."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def whole(value: Any) -> int:
    """A number that is no fraction and not negative, also one in a string; else 0."""
    digits = text(value)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else 0  # noqa: PLR2004 - petabytes


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """An object, or the empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """A string or the strings of a list."""
    return [text(item) for item in (value if isinstance(value, list) else [value])]
