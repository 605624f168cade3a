"""JSON and numbers read back from the ledger, whatever release wrote them: never an error (docs/decisions/0011)."""

import json
import re
from collections.abc import Iterable
from typing import Any

Raw = bytes | str | None

_NUMBER = re.compile(r"-?[0-9]{1,18}")


def as_text(raw: Raw) -> str:
    """Read text; absent is empty."""
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw or ""


def as_json(raw: Raw) -> Any:
    """Read JSON; what is none stays the text that it is."""
    text = as_text(raw)
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def as_object(raw: Raw) -> dict[str, Any] | None:
    """Read a JSON object; None where it is absent or something else."""
    found = as_json(raw)
    return found if isinstance(found, dict) else None


def as_number(raw: Raw) -> int | None:
    """Read a whole number; None where it is absent or something else."""
    text = as_text(raw)
    return int(text) if _NUMBER.fullmatch(text) else None


def as_story(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """Read a ticket's story: each line has a name, and a time where it is known."""
    return [_event(as_object(line) or {}) for line in lines]


def calls_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The model calls that a line of a story tells of; a figure that is none is left out."""
    calls = event.get("calls")
    found = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return [{name: value for name, value in call.items() if _is_fit(name, value)} for call in found]


def _event(line: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(line.get("at"), int):
        line.pop("at", None)
    return {**line, "event": str(line.get("event", "unreadable"))}


def _is_fit(name: str, value: Any) -> bool:
    is_figure = name == "seconds" or name.endswith(("_tokens", "_nusd")) or name.startswith("cut_")
    return not is_figure or (isinstance(value, (int, float)) and not isinstance(value, bool))
