"""What stands in one item: a ticket and its producer key, or the reason why it is none."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.ticket import MAX_TEXT_BYTES, Source, Ticket, make_ticket
from producers.files.jsonl import Row, producer_key, read_rows, row_to_ticket
from producers.rejection import Rejected

_WHOLE = (b"data", b"json", b"payload", b"ticket")
"""A stream entry's field of one of these names holds the whole ticket as JSON."""

_SHOWN_BYTES = MAX_TEXT_BYTES // 2


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it lies in Redis. `name` is unique to it where the server gave it one (a stream's entry), else ""."""

    place: str
    raw: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A ticket of an item, to be accepted under the key."""

    ticket: Ticket
    key: str


def read_item(item: Item) -> Read | Rejected:
    """Make a ticket of an item: one JSON object with `text` (or `body`), as in a line of a JSONL file.

    The key is the object's `id`, or else the entry's name, or else its bytes.
    """
    row = next(iter(read_rows([item.raw.replace(b"\n", b" ")])), Rejected(1, "the item is empty"))
    made = row if isinstance(row, Rejected) else row_to_ticket(row)
    if isinstance(made, Rejected) or isinstance(row, Rejected):
        return made if isinstance(made, Rejected) else Rejected(1, "the item is empty")
    return Read(_from_redis(made), _key(item, row, made))


def unreadable(item: Item) -> Ticket:
    """Make the ticket that stands for an item that is none: its text as far as it can be shown."""
    text = item.raw[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    rest = len(item.raw) - _SHOWN_BYTES
    more = f"\n[{rest:,} more bytes are kept]" if rest > 0 else ""
    # Each broken byte becomes four characters, so the bound may be passed once more.
    return make_ticket(source=Source.REDIS, body=text[: MAX_TEXT_BYTES - 1_000].replace("\x00", "\\x00") + more)


def content_key(item: Item) -> str:
    """Name an item by its bytes."""
    return f"redis:sha256:{hashlib.sha256(item.raw).hexdigest()}"


def entry_bytes(fields: Mapping[bytes, bytes]) -> bytes:
    """Make one JSON object of a stream entry's fields: the one that holds it all, or the fields themselves."""
    for name in _WHOLE:
        if name in fields:
            return fields[name]
    if len(fields) == 1:
        return next(iter(fields.values()))
    shown = {_text(name): _text(value) for name, value in fields.items()}
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _from_redis(ticket: Ticket) -> Ticket:
    return ticket.model_copy(update={"source": Source.REDIS})


def _key(item: Item, row: Row, ticket: Ticket) -> str:
    if row.values.get("id") not in (None, ""):
        return producer_key(row, ticket).replace("file:", f"redis:{item.place}:", 1)
    return f"redis:{item.place}:{item.name}" if item.name else content_key(item)
