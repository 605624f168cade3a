"""Answers that say no: one shape for all of them, and never what the client sent."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse

from fleet.errors import TransientError
from producers.intake.metrics import Refusal

_WORDS = {
    Refusal.MISSING: "no bearer token: send 'Authorization: Bearer tft_…'",
    Refusal.EXPIRED: "the token has expired: ask for a new one",
}

_LONGEST_STEP = 64
"""An unknown field is named as the client named it, which may be a megabyte."""


class FieldError(BaseModel):
    """What is wrong with one field; `field` is its path, for example `tickets.3.text`."""

    field: str
    message: str


class ErrorDetail(BaseModel):
    """`code` is for programs, `message` for people; `id` names the ticket that is in the way (409)."""

    code: str
    message: str
    fields: list[FieldError] | None = None
    id: str | None = None


class ErrorAnswer(BaseModel):
    """The body of every answer that is no success."""

    error: ErrorDetail


class ApiError(Exception):
    """An answer in place of the expected one."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: Sequence[FieldError] | None = None,
        ticket_id: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.detail = ErrorDetail(code=code, message=message, fields=list(fields) if fields else None, id=ticket_id)
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        """Make the answer."""
        content = {"error": self.detail.model_dump(exclude_none=True)}
        return JSONResponse(content, status_code=self.status, headers=self.headers)


def unauthorized(why: Refusal) -> ApiError:
    """Refuse somebody whose token is not believed."""
    message = _WORDS.get(why, "the token is not known here: was it revoked?")
    return ApiError(401, f"token_{why}", message, headers={"WWW-Authenticate": 'Bearer realm="triage"'})


def forbidden(scope: str) -> ApiError:
    """Refuse what a token is not good for."""
    return ApiError(403, "scope", f"the token lacks the scope {scope}")


def too_many(wait_s: float) -> ApiError:
    """Ask somebody over a token's limit to wait."""
    return ApiError(429, "rate", "the token's limit is reached", headers=_wait(wait_s))


def not_now(error: TransientError) -> ApiError:
    """Ask to try again: the ledger is full or away, and nothing was accepted."""
    return ApiError(503, "not_now", f"not accepted: {error}", headers=_wait(error.retry_after_s))


def invalid(error: ValidationError) -> ApiError:
    """Say which fields are wrong."""
    items = error.errors(include_url=False, include_input=False, include_context=False)
    fields = [FieldError(field=_path(item["loc"]), message=item["msg"].removeprefix("Value error, ")) for item in items]
    return ApiError(422, "invalid", "some fields are wrong", fields=fields[:100])


def _path(loc: tuple[Any, ...]) -> str:
    # The first step names which of the two forms was meant; what follows `fields` is a name that the client chose.
    steps = [step for step in loc if step not in ("one", "batch")]
    if "fields" in steps:
        steps = steps[: steps.index("fields") + 1]
    return ".".join(str(step)[:_LONGEST_STEP] for step in steps) or "body"


def _wait(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, int(-(-seconds // 1))))}
