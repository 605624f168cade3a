"""The body of a POST, read strictly: what two programs could understand differently is refused."""

from pydantic import ValidationError
from pydantic_core import to_json

from producers.api.errors import ApiError, invalid
from producers.api.models import SUBMISSION, Batch, NewTicket
from producers.json_reader import JsonError, RepeatedNameError, read_json


def read_submission(body: bytes) -> NewTicket | Batch:
    """Read one ticket or a batch; raises ApiError 400 or 422."""
    try:
        value = read_json(body)
    except RepeatedNameError:
        # Of a name that stands twice most parsers take the last: a whole second list of tickets would vanish unsaid.
        raise ApiError(400, "repeated", "a name stands twice in one object of the body") from None
    except JsonError as error:
        raise ApiError(400, "not_json", f"the body is {error}") from None
    try:
        return SUBMISSION.validate_json(to_json(value))
    except ValidationError as error:
        raise invalid(error) from None
