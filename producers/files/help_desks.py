"""Objects as help desks dump them: the same names as the columns of tables, inside of what stands around them."""

from collections.abc import Callable, Mapping
from typing import Any

from producers.files.tables.columns import ColumnsError, choose_columns, other_texts
from producers.files.tables.dates import read_moment

_WRAPPERS = ("ticket", "helpdesk_ticket", "issue", "conversation", "request", "case")
_INNER = ("fields", "properties", "attributes", "source")
"""Where Jira, HubSpot, JSON:API and Intercom keep what was said."""

_PEOPLE = ("email", "emailAddress", "email_address", "address", "displayName", "name")
_MAX_DEPTH = 20
_ENOUGH = 70_000
"""Characters of a structured text; a ticket takes fewer."""


class UsualNames:
    """Finds subject, text, sender and the like under their usual names; `told` hears once how, per shape of object."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._known: dict[tuple[str, ...], dict[str, int]] = {}
        self._is_told = self._is_undated_told = False

    def __call__(self, values: dict[str, Any]) -> dict[str, Any]:
        """Give the values under a ticket's names; as they are where no name looks like the text."""
        flat = _flat(values)
        names = tuple(flat)
        chosen = self._known.get(names)
        if chosen is None:
            chosen = self._choose(names)
            if len(self._known) < 100:  # noqa: PLR2004 - shapes of one dump; hostile names are not kept
                self._known[names] = chosen
        if "body" not in chosen:
            return values
        made: dict[str, Any] = {field: _text(flat[names[number]]) for field, number in chosen.items()}
        if "received_at" in made and (moment := read_moment(made["received_at"])) is not None:
            made["received_at"] = moment
        else:
            self._undated(made.pop("received_at", ""))
        return {name: value for name, value in made.items() if value or name == "body"}

    def _undated(self, text: str) -> None:
        if text and not self._is_undated_told:
            self._is_undated_told = True
            self._told("received_at: not understood in some tickets; these have the time at which they were read")

    def _choose(self, names: tuple[str, ...]) -> dict[str, int]:
        try:
            chosen = choose_columns(names, {"tenant": ""}).by_field if other_texts(names) else {}
        except ColumnsError:
            return {}
        if "body" in chosen and not self._is_told:
            self._is_told = True
            taken = ", ".join(f"{field} = {names[number][:40]}" for field, number in chosen.items())
            self._told(f"{taken} (guessed; --map says otherwise)")
        return chosen


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    for name in _WRAPPERS:
        if len(values) == 1 and isinstance(values.get(name), dict):
            values = values[name]
    inner: dict[str, Any] = next((values[name] for name in _INNER if isinstance(values.get(name), dict)), {})
    both = {name: value for name, value in values.items() if value is not inner}
    return {name: value for name, value in (both | inner).items() if value is not None and value != ""} | {
        name: value for name, value in both.items() if name in ("id", "key") and value is not None
    }


def _text(value: Any) -> str:
    """Give a value as text: a person's address, or the words of a structured document (Jira's)."""
    if isinstance(value, dict):
        person = next((value[name] for name in _PEOPLE if isinstance(value.get(name), str)), None)
        return person if person is not None and "content" not in value else _words(value)
    if isinstance(value, list):
        return _words({"content": value})
    return str(value)


def _words(document: Mapping[str, Any]) -> str:
    parts: list[str] = []
    _gather(document, parts, 0)
    return "".join(parts).strip()[:_ENOUGH]


def _gather(node: Any, parts: list[str], depth: int) -> None:
    if isinstance(node, str):
        parts.append(f"{node}\n")
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return
    if isinstance(node.get("text"), str):
        parts.append(node["text"])
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        _gather(child, parts, depth + 1)
    if node.get("type") in ("paragraph", "heading", "listItem", "codeBlock", "hardBreak"):
        parts.append("\n")
