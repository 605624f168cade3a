"""What became of a file, as one JSON object on one line, written while the file is read."""

import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

from ops.cli.intake.inputs import Inputs, Refusal
from ops.cli.intake.places import Place
from producers.files.formats import MANY, Format
from producers.files.rows import Found

MAILDIR = "maildir"


def write(inputs: Inputs, place: Place) -> None:
    """Write the object of a place to standard output; a file of any size is never whole in memory."""
    kind, items = open_place(inputs, place)
    if holds_many(kind):
        _write_many(items, place, kind)
    else:
        _out(json.dumps({"file": place.name, "format": kind, **_result(next(items))}) + "\n")
    sys.stdout.flush()


def open_place(inputs: Inputs, place: Place) -> tuple[str, Iterator[Found | Refusal]]:
    """Begin to read a place; answers its format, which for a mailbox of one message without the name of one is mail."""
    kind, items = format_name(inputs, place), inputs.read(place)
    first = list(itertools.islice(items, 2))
    if kind == Format.MBOX and len(first) == 1 and not place.name.lower().endswith((".mbox", ".mbx")):
        kind = Format.EML.value
    return kind, itertools.chain(first, items)


def format_name(inputs: Inputs, place: Place) -> str:
    """Name the format of a place; `unknown` where the file cannot be opened."""
    try:
        return MAILDIR if place.is_maildir else inputs.format_of(place).value
    except OSError:
        return "unknown"


def holds_many(kind: str) -> bool:
    """Whether a place of this format may hold more than one ticket."""
    return kind == MAILDIR or kind in MANY


def _write_many(items: Iterator[Found | Refusal], place: Place, kind: str) -> None:
    start = json.dumps({"file": place.name, "format": kind})
    _out(start[:-1] + ', "items": [')
    tickets = rejections = 0
    for item in items:
        if tickets + rejections:
            _out(", ")
        own_file = {"file": item.file} if kind == MAILDIR else {}
        _out(json.dumps({**own_file, "line": item.line, **_result(item)}))
        tickets += isinstance(item, Found)
        rejections += isinstance(item, Refusal)
    _out(f'], "tickets": {tickets}, "rejections": {rejections}}}\n')


def _result(one: Found | Refusal) -> dict[str, Any]:
    if isinstance(one, Refusal):
        return {"ticket": None, "key": None, "rejection": {"line": one.line, "reason": one.reason}}
    return {"ticket": one.ticket.model_dump(mode="json"), "key": one.key, "rejection": None}


def _out(text: str) -> None:
    sys.stdout.write(text)
