"""What a server's answers to FETCH and SEARCH hold, as servers really write them. Pure functions."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient.datetime_util import parse_to_datetime  # type: ignore[import-untyped]
from imapclient.exceptions import ProtocolError  # type: ignore[import-untyped]
from imapclient.response_parser import parse_response  # type: ignore[import-untyped]

UID, SIZE, ARRIVED = b"UID", b"RFC822.SIZE", b"INTERNALDATE"

Item = Mapping[bytes, Any]

_MESSAGE = re.compile(rb"BODY(\.PEEK)?\[\](<0(\.\d+)?>)?|RFC822(\.PEEK)?")
"""Names of the item that holds a message: servers that read no parts leave the octet out, old ones know RFC822 only."""

_EXTENDED = re.compile(rb"\bALL ([\d:,]+)", re.IGNORECASE)
_MOST_FOUND = 1_000_000


def items_by_uid(data: Sequence[Any], asked: Collection[int]) -> dict[int, dict[bytes, Any]]:
    """Sort the answers to a FETCH by UID; unasked-for ones are left out. Raises ProtocolError.

    An answer without UID is believed only where one message was asked for: a sequence number names no message for sure.
    """
    found: dict[int, dict[bytes, Any]] = {}
    nameless = []
    for item in _items(data):
        uid = item.get(UID)
        if isinstance(uid, int) and uid in asked:
            found.setdefault(uid, {}).update(item)
        elif UID not in item and (SIZE in item or _has_message(item)):
            nameless.append(item)
    if len(asked) == len(nameless) == 1:
        found.setdefault(next(iter(asked)), {}).update(nameless[0])
    return found


def _items(data: Sequence[Any]) -> Iterator[dict[bytes, Any]]:
    atoms = parse_response([part for part in data if part is not None])
    for number, item in zip(atoms[::2], atoms[1::2], strict=False):
        if not isinstance(number, int) or not isinstance(item, tuple) or len(item) % 2:
            raise ProtocolError("an answer to FETCH that is no list of names and values")
        yield {bytes(name).upper(): value for name, value in zip(item[::2], item[1::2], strict=True)}


def message_of(item: Item) -> bytes | None:
    """Take the message out; None where it was not given: left out, NIL, or empty although it has a size."""
    raw = next((value for name, value in item.items() if _MESSAGE.fullmatch(name)), None)
    if isinstance(raw, bytes) and raw and raw.upper() != b"NIL":
        return raw
    return b"" if item.get(SIZE) == 0 and _has_message(item) else None


def _has_message(item: Item) -> bool:
    return any(_MESSAGE.fullmatch(name) for name in item)


def size_of(item: Item) -> int | None:
    """Take the size in bytes out; None where it was not given."""
    size = item.get(SIZE)
    return size if isinstance(size, int) else None


def arrival_of(item: Item, now: datetime) -> datetime:
    """When it came in, as the server says; `now` where it does not, and instead of a time to come."""
    try:
        arrived = parse_to_datetime(item.get(ARRIVED), normalise=False)
    except (ValueError, TypeError, AttributeError):
        return now
    return min(arrived.astimezone(UTC), now) if arrived.tzinfo else now


def found_uids(data: Sequence[bytes | None]) -> list[int]:
    """Read the answers to a SEARCH, one or several; raises ValueError for what is none."""
    words = [word for line in data if line for word in line.partition(b"(")[0].split()]  # then comes MODSEQ
    return sorted({int(word) for word in words})


def found_uids_extended(data: Sequence[bytes | None]) -> list[int]:
    """Read answers in the form of ESEARCH (`UID ALL 4:6,9`), which servers of IMAP4rev2 give; raises ValueError."""
    uids: set[int] = set()
    for line in data:
        sets = _EXTENDED.search(line) if line else None
        for part in sets.group(1).split(b",") if sets else ():
            first, _, last = part.partition(b":")
            ends = sorted((int(first), int(last or first)))
            if ends[1] - ends[0] > _MOST_FOUND:
                raise ValueError("an answer to SEARCH with more messages than were asked about")
            uids.update(range(ends[0], ends[1] + 1))
    return sorted(uids)
