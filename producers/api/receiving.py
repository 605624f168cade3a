"""Taking tickets in for a token's holder: keys that are the holder's own, and an answer for each ticket."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fleet.errors import LedgerFullError, LedgerUnavailableError, TransientError
from fleet.ledger.records import Accepted
from producers.api.errors import ApiError, not_now
from producers.api.models import Batch, NewTicket
from producers.api.tokens import Token
from producers.intake.door import Door

LONGEST_KEY = 200


def checked_key(headers: Sequence[str]) -> str | None:
    """Check the Idempotency-Key headers, of which there is at most one; raises a 400."""
    if not headers:
        return None
    given = headers[0]
    if len(headers) > 1 or not given.isascii() or not given.isprintable() or not 0 < len(given) <= LONGEST_KEY:
        raise ApiError(400, "key", f"Idempotency-Key: one of 1 to {LONGEST_KEY} printable ASCII characters")
    return given


async def accept_one(door: Door, token: Token, new: NewTicket, key: str | None) -> tuple[str, bool]:
    """Take one ticket in; answers its id, and whether it is new. Raises ApiError 409 or 503."""
    return await _accept(door, token, new, f"key:{key}" if key else None)


async def _accept(door: Door, token: Token, new: NewTicket, name: str | None) -> tuple[str, bool]:
    ticket = new.to_ticket(token.tenant)
    try:
        answer = await door.accept(ticket, key=_key(token, new, name, ticket.id), lane=new.lane)
    except TransientError as error:
        raise not_now(error) from error
    if answer.result is Accepted.CONFLICT:
        what = "the Idempotency-Key or the id" if name else "the id"
        raise ApiError(409, "conflict", f"{what} was used for another ticket", ticket_id=answer.ticket_id)
    return answer.ticket_id, answer.is_new


async def accept_batch(door: Door, token: Token, batch: Batch, key: str | None) -> list[dict[str, Any]]:
    """Take a batch in; one result for each ticket. Raises ApiError 503 where none of them was accepted."""
    # The number comes first: "batch:1:a" is never another request's name, whatever its key holds.
    names = (f"batch:{n}:{key}" if key else None for n in range(len(batch.tickets)))
    work = (_accept(door, token, new, name) for new, name in zip(batch.tickets, names, strict=True))
    ends = await asyncio.gather(*work, return_exceptions=True)
    results = [_result(end) for end in ends]
    failed = [end for end in ends if isinstance(end, ApiError) and end.status == 503]  # noqa: PLR2004 - not now
    if len(failed) == len(ends):
        raise failed[0]
    return results


def _result(end: tuple[str, bool] | BaseException) -> dict[str, Any]:
    if isinstance(end, tuple):
        return {"status": "accepted" if end[1] else "duplicate", "id": end[0]}
    if isinstance(end, ApiError) and isinstance(end.__cause__, (LedgerFullError, LedgerUnavailableError)):
        return {"status": "full"}
    if isinstance(end, ApiError):
        return {"status": "conflict", "id": end.detail.id}
    raise end


def _key(token: Token, new: NewTicket, name: str | None, fresh_id: str) -> str:
    """Name the ticket so that a second sending is recognised, within this token's own names."""
    return f"http:{token.name}:" + (name or (f"id:{new.id}" if new.id else f"new:{fresh_id}"))
