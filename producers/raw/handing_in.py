"""Handing a batch in: every item ends in the ledger, as a ticket or kept as it came."""

import asyncio
from collections.abc import Sequence

from fleet.ledger.records import Accepted
from producers.intake.door import Door
from producers.raw.item import Item, Read, content_key, read_item, unreadable
from producers.rejection import Rejected


async def hand_in(door: Door, items: Sequence[Item]) -> bool:
    """Take a batch in, however long it takes; False where the process has to stop first: not all of it was taken."""
    taken = await asyncio.gather(*(_one(door, item) for item in items))
    return all(taken)


async def _one(door: Door, item: Item) -> bool:
    found = read_item(item)
    if isinstance(found, Rejected):
        return await _keep(door, item, content_key(item), found.reason)
    return await _accept(door, item, found)


async def _accept(door: Door, item: Item, found: Read) -> bool:
    answer = await door.accept_patiently(found.ticket, key=found.key)
    if answer is None:
        return False
    if answer.result is Accepted.CONFLICT:
        why = f"its id is taken by a ticket with other content (triage show {answer.ticket_id})"
        return await _keep(door, item, f"{content_key(item)}:conflict", why)
    return True


async def _keep(door: Door, item: Item, key: str, error: str) -> bool:
    # One that is kept for its content has that content: a second copy of it says nothing new.
    return await door.keep_patiently(unreadable(item), item.raw, key=key, error=error) is not None
