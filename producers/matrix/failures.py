"""What goes wrong with a homeserver, said so that a person knows what to do; all of it is worth trying again."""

import socket
import ssl
from typing import Any

import aiohttp
from nio import ErrorResponse  # type: ignore[import-untyped]

from fleet.errors import TransientError

MAX_CHARS = 200

SLOW_S = 60.0
"""Between two tries that only a person can make succeed."""

LONGEST_ASKED_S = 600.0
"""A homeserver that asks to be left alone for longer is asked again after this."""

_LIMIT_S = 5.0

_TOKEN = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED")

_MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not believed"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not believed"),
    (aiohttp.ClientConnectorDNSError, "no such host: check TRIAGE_MATRIX_HOMESERVER"),
    (socket.gaierror, "no such host: check TRIAGE_MATRIX_HOMESERVER"),
    (aiohttp.ClientConnectorError, "nobody answers there: check TRIAGE_MATRIX_HOMESERVER"),
    (TimeoutError, "no answer in time (TRIAGE_MATRIX_TIMEOUT_S)"),
    (aiohttp.ClientError, "the connection is lost"),
    (OSError, "the connection is lost"),
)


class HomeserverError(TransientError):
    """The homeserver cannot be used now; the message says why."""


class RefusedError(HomeserverError):
    """The homeserver understood and said no to this one request; `code` is its own word for the reason."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message, retry_after_s=SLOW_S)
        self.code = code


class LoginRefusedError(HomeserverError):
    """The homeserver does not believe who we are; only a person can help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after_s=SLOW_S)


def explain(error: Exception) -> str:
    """Say in one line what happened, and what to do where that is known."""
    text = " ".join(str(error).split())[:MAX_CHARS]
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return f"the homeserver: {meaning} ({text or type(error).__name__})"
    # Without the text: it may repeat what somebody wrote.
    return f"the homeserver's answer cannot be read ({type(error).__name__})"


def translate(answer: ErrorResponse) -> HomeserverError:
    """Turn an error that the homeserver answered into one of ours."""
    status = getattr(answer.transport_response, "status", 0)
    code = answer.status_code or ""
    if code == "M_LIMIT_EXCEEDED" or status == 429:  # noqa: PLR2004
        return HomeserverError("the homeserver limits our rate", retry_after_s=_asked_s(answer))
    if code in _TOKEN:
        return LoginRefusedError(
            f"the homeserver no longer takes the login ({code}): check TRIAGE_MATRIX_ACCESS_TOKEN or "
            "TRIAGE_MATRIX_PASSWORD, and that the account is not used by a second producer"
        )
    if 400 <= status < 500 and code:  # noqa: PLR2004
        return RefusedError(f"the homeserver refuses ({code}): {answer.message[:MAX_CHARS]}", code)
    return HomeserverError(f"the homeserver fails (HTTP {status}{f', {code}' if code else ''})")


def _asked_s(answer: Any) -> float:
    """How long the homeserver asks to be left alone: in the body, or in the header that newer ones send."""
    headers = getattr(answer.transport_response, "headers", {})
    in_body, in_header = answer.retry_after_ms, headers.get("Retry-After", "")
    if isinstance(in_body, int) and in_body > 0:
        return min(in_body / 1000, LONGEST_ASKED_S)
    return min(float(in_header), LONGEST_ASKED_S) if in_header.isdecimal() else _LIMIT_S
