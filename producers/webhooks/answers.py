"""What senders are told."""

import math
from typing import Any

from starlette.responses import JSONResponse, Response

from fleet.errors import TransientError
from producers.intake.metrics import Refusal
from producers.intake.web_bounds import error_body

_UNSAID_RETRY_S = 5.0


def taken(**facts: Any) -> Response:
    """Say that the ledger holds it; nothing has to be sent again."""
    return JSONResponse(facts)


def wrong(status: int, code: str, message: str) -> Response:
    """Say that it will not do, whenever it comes."""
    return Response(error_body(code, message), status, media_type="application/json")


def refused(why: Refusal) -> Response:
    """Say that the sender is not believed. 401, because on 403 some providers never try again."""
    return wrong(401, "not_believed", f"not believed: {why}")


def closed(what: str) -> Response:
    """Say that there is nothing here."""
    return wrong(404, "not_configured", f"{what} is not configured here")


def later(error: Exception) -> Response:
    """Say that nothing was taken in, and when to try again."""
    wait_s = (error.retry_after_s if isinstance(error, TransientError) else 0.0) or _UNSAID_RETRY_S
    return Response(
        error_body("try_again", "nothing was accepted; send it again"),
        503,
        {"Retry-After": str(max(1, math.ceil(wait_s)))},
        media_type="application/json",
    )
