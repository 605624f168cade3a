"""The body of a POST, read strictly: what two programs could understand differently is refused."""

import json
from typing import Any

from pydantic import ValidationError

from producers.api.errors import ApiError, invalid
from producers.api.models import SUBMISSION, Batch, NewTicket


def read_submission(body: bytes) -> NewTicket | Batch:
    """Read one ticket or a batch; raises ApiError 400 or 422."""
    try:
        found = SUBMISSION.validate_json(body)
    except ValidationError as error:
        raise invalid(error) from None
    # Of a name that stands twice most parsers take the last: a whole second list of tickets would vanish unsaid.
    json.loads(body, object_pairs_hook=_ensure_unique)
    return found


def _ensure_unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ApiError(400, "repeated", "a name stands twice in one object of the body")
