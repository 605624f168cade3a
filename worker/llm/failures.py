"""What an SDK exception means for the ticket, decided by error code and status, not by class alone."""

import anthropic

from worker.domain import CallResult, Failure

_BY_CODE = {
    "enforced_spend_limit_reached": CallResult.SPEND_LIMITED,
    "contract_spend_limit_reached": CallResult.SPEND_LIMITED,
    "ramp_limit_exceeded": CallResult.RAMP_LIMITED,
}
_BY_STATUS = {
    401: CallResult.UNAUTHORIZED,
    402: CallResult.SPEND_LIMITED,
    403: CallResult.UNAUTHORIZED,
    404: CallResult.NOT_FOUND,
    408: CallResult.TIMEOUT,
    409: CallResult.SERVER_ERROR,
    429: CallResult.RATE_LIMITED,
    504: CallResult.TIMEOUT,
    529: CallResult.OVERLOADED,
}
_MAX_MESSAGE = 300


def classify(error: Exception) -> Failure:
    """Translate what the SDK raised. A ValueError means that a body could not be read as what it should be."""
    message = f"{type(error).__name__}: {error}"[:_MAX_MESSAGE]
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        return Failure(CallResult.TIMEOUT, message or "the call's deadline passed")
    if isinstance(error, anthropic.APIStatusError):
        return Failure(_status_result(error), message, _retry_after_s(error))
    if isinstance(error, anthropic.APIConnectionError):
        return Failure(CallResult.CONNECTION, message)
    return Failure(CallResult.UNREADABLE, message)


def _status_result(error: anthropic.APIStatusError) -> CallResult:
    code = error.error_code or ""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if error.status_code == 400 and "spend limit" in str(error).lower():  # noqa: PLR2004 - the status itself
        return CallResult.SPEND_LIMITED
    if error.status_code in _BY_STATUS:
        return _BY_STATUS[error.status_code]
    return CallResult.SERVER_ERROR if error.status_code >= 500 else CallResult.BAD_REQUEST  # noqa: PLR2004


def _retry_after_s(error: anthropic.APIStatusError) -> float | None:
    headers = error.response.headers
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit_s)
        except (KeyError, ValueError):
            continue
    return None
