"""What an SDK exception means for the ticket, decided by error code, status and words, not by class alone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import anthropic
import httpx2

from worker.domain import CallResult, Failure
from worker.llm.refusals import meaning, wait_s

_BY_CODE = {
    "enforced_spend_limit_reached": CallResult.SPEND_LIMITED,
    "contract_spend_limit_reached": CallResult.SPEND_LIMITED,
    "ramp_limit_exceeded": CallResult.RAMP_LIMITED,
}
_BY_STATUS = {
    401: CallResult.UNAUTHORIZED,
    402: CallResult.SPEND_LIMITED,
    404: CallResult.NOT_FOUND,
    405: CallResult.NOT_FOUND,
    407: CallResult.UNAUTHORIZED,
    408: CallResult.TIMEOUT,
    409: CallResult.SERVER_ERROR,
    429: CallResult.RATE_LIMITED,
    504: CallResult.TIMEOUT,
    529: CallResult.OVERLOADED,
}
_REFUSED = (400, 403, 413, 415, 422)
"""Statuses whose words decide: providers say under them what is wrong with a request, an account or a gateway."""

_MAX_MESSAGE = 300
_DEPTH, _VALUES = 4, 20
"""So deep and so wide an error's body is read."""

_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)


class NotTheApiError(ValueError):
    """Something else answered with status 200: a login page, an error under a good status."""

    def __init__(self, message: str, result: CallResult, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.result = result
        self.retry_after_s = retry_after_s


def classify(error: Exception, now: datetime | None = None) -> Failure:
    """Translate what the SDK raised. A ValueError means that a body could not be read as what it should be."""
    message = f"{type(error).__name__}: {error}"[:_MAX_MESSAGE]
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        return Failure(CallResult.TIMEOUT, message or "the call's deadline passed")
    if isinstance(error, anthropic.APIStatusError):
        words = "\n".join(_texts(error.body)) or str(error)
        asked = wait_s(words, error.response.headers, now or datetime.now(UTC))
        return Failure(_status_result(error, words), message, asked)
    if isinstance(error, anthropic.APIConnectionError):
        return Failure(CallResult.CONNECTION, message)
    if isinstance(error, NotTheApiError):
        return Failure(error.result, message, error.retry_after_s)
    return Failure(CallResult.UNREADABLE, message)


def was_sent(error: Exception) -> bool:
    """Whether the request may have reached the provider: no, where no connection came about."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
            return False
        cause = cause.__cause__
    return True


def error_under_200(body: Mapping[str, Any], headers: Mapping[str, str], now: datetime | None = None) -> NotTheApiError:
    """Read an error that came with status 200 (`{"type": "error", "error": {…}}`), as some gateways answer."""
    error = body.get("error")
    details = error if isinstance(error, Mapping) else {}
    words = str(details.get("message") or error or "an error under status 200")
    result = meaning(words, str(details.get("type") or "")) or CallResult.BAD_REQUEST
    return NotTheApiError(words, result, wait_s(words, headers, now or datetime.now(UTC)))


def _status_result(error: anthropic.APIStatusError, words: str) -> CallResult:
    code, status = error.error_code or "", error.status_code
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status in _REDIRECTS:
        return CallResult.MISDIRECTED
    if status in _SERVER_ERRORS:
        return CallResult.SERVER_ERROR
    known = meaning(words, _error_type(error)) if status in _REFUSED else None
    if known is None:
        return CallResult.UNAUTHORIZED if status == 403 else CallResult.BAD_REQUEST  # noqa: PLR2004 - the status itself
    return known


def _texts(body: object, depth: int = 0) -> Iterator[str]:
    """Take the texts out of an error's body, whatever shape a gateway gives it."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping | list) and depth < _DEPTH:
        for value in islice(body.values() if isinstance(body, Mapping) else body, _VALUES):
            yield from _texts(value, depth + 1)


def _error_type(error: anthropic.APIStatusError) -> str:
    body = error.body if isinstance(error.body, Mapping) else {}
    inner = body.get("error")
    return str(inner.get("type") or "") if isinstance(inner, Mapping) else ""
