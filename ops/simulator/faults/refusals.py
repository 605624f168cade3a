"""Faults that answer with an error instead of a reply."""

from collections.abc import Callable, Mapping

from ops.simulator.api.errors import ApiError
from ops.simulator.faults.plan import Fault, Kind

RETRY_AFTER_S = 1.0


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


ERRORS: Mapping[Kind, Callable[[Fault], ApiError]] = {
    Kind.RATE_LIMIT: _rate_limit,
    Kind.RAMP_LIMIT: _ramp_limit,
    Kind.SPEND_LIMIT: _spend_limit,
    Kind.ERROR_500: lambda _: ApiError(500, "Internal server error"),
    Kind.OVERLOADED: _overloaded,
    Kind.UNAUTHORIZED: lambda _: ApiError(401, "invalid x-api-key"),
}


def raise_error(fault: Fault | None) -> None:
    """Raise the error of a fault that is one."""
    if fault is not None and fault.kind in ERRORS:
        raise ERRORS[fault.kind](fault)
