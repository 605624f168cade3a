"""Errors in the API's own shape."""

import json
from collections.abc import Mapping

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """The request is answered with an error status and body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_code = error_code
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> bytes:
        """Render the error as the API does; `details` appears only with an error code."""
        error: dict[str, object] = {"type": ERROR_TYPES.get(self.status, "api_error"), "message": self.message}
        if self.error_code is not None:
            error["details"] = {"error_code": self.error_code}
        return json.dumps({"type": "error", "error": error, "request_id": request_id}).encode()


class NotOurAnswerError(ApiError):
    """What is no answer of the API: an error under a good status, or a page of something that stands before it."""

    def __init__(self, status: int, raw: bytes, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, "", headers=headers)
        self._raw = raw

    def body(self, request_id: str) -> bytes:
        """Return the bytes as they are."""
        del request_id
        return self._raw


def invalid(message: str) -> ApiError:
    """Return the error for a request that can never succeed as it stands."""
    return ApiError(400, message)
