"""Faults that answer with an error instead of a reply."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from ops.simulator.api.errors import ApiError, NotOurAnswerError, invalid
from ops.simulator.faults.plan import Fault, Kind

RETRY_AFTER_S = 1.0
REGAIN_S = 60.0
"""How far ahead the date stands that a usage limit names; real ones name the month's end."""


def _wait(fault: Fault) -> dict[str, str]:
    seconds = RETRY_AFTER_S if fault.retry_after_s is None else fault.retry_after_s
    return {"retry-after": f"{seconds:g}"}


def _rate_limit(fault: Fault) -> ApiError:
    return ApiError(429, "This request would exceed your organization's rate limit", headers=_wait(fault))


def _ramp_limit(fault: Fault) -> ApiError:
    message = "Your usage is growing faster than the ramp limit allows"
    return ApiError(429, message, error_code="ramp_limit_exceeded", headers=_wait(fault))


def _spend_limit(fault: Fault) -> ApiError:
    code = fault.error_code or "enforced_spend_limit_reached"
    return ApiError(429, "Your organization has reached its spend limit", error_code=code)


def _overloaded(fault: Fault) -> ApiError:
    return ApiError(529, "Overloaded", headers={} if fault.retry_after_s is None else _wait(fault))


def _usage_limit_400(fault: Fault) -> ApiError:
    at = datetime.now(UTC) + timedelta(seconds=REGAIN_S if fault.retry_after_s is None else fault.retry_after_s)
    when = f"{at:%Y-%m-%d} at {at:%H:%M:%S} UTC"
    return invalid(f"You have reached your specified API usage limits. You will regain access on {when}.")


def _overloaded_200(_: Fault) -> ApiError:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    return NotOurAnswerError(200, json.dumps(body).encode())


def _page(status: int, **headers: str) -> ApiError:
    named = {"content-type": "text/html; charset=utf-8", **headers}
    return NotOurAnswerError(status, b"<!doctype html><title>Sign in</title><form action=/login></form>", headers=named)


ERRORS: Mapping[Kind, Callable[[Fault], ApiError]] = {
    Kind.RATE_LIMIT: _rate_limit,
    Kind.RAMP_LIMIT: _ramp_limit,
    Kind.SPEND_LIMIT: _spend_limit,
    Kind.ERROR_500: lambda _: ApiError(500, "Internal server error"),
    Kind.OVERLOADED: _overloaded,
    Kind.UNAUTHORIZED: lambda _: ApiError(401, "invalid x-api-key"),
    Kind.CREDIT_400: lambda _: invalid(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade."
    ),
    Kind.USAGE_LIMIT_400: _usage_limit_400,
    Kind.DISABLED_400: lambda _: invalid("This organization has been disabled."),
    Kind.FORMAT_REFUSED_400: lambda _: invalid("output_config.format: Extra inputs are not permitted"),
    Kind.REFUSED_400: lambda _: invalid("The request was not accepted."),
    Kind.OVERLOADED_200: _overloaded_200,
    Kind.HTML_200: lambda _: _page(200),
    Kind.REDIRECT: lambda _: _page(302, location="/login"),
}


def raise_error(fault: Fault | None) -> None:
    """Raise the error of a fault that is one."""
    if fault is not None and fault.kind in ERRORS:
        raise ERRORS[fault.kind](fault)
