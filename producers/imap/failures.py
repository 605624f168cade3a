"""What goes wrong with a mail server, said so that a person knows what to do; all of it is worth trying again."""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient.exceptions import (  # type: ignore[import-untyped]
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from fleet.errors import TransientError

LOGIN_RETRY_S = 15.0
"""Between two logins that are refused: providers lock out whoever tries fast."""

MAX_CHARS = 200

_CODE = re.compile(r"\[([A-Z]+(?:-[A-Z]+)*)")
_NOT_OUR_FAULT = ("UNAVAILABLE", "SERVERBUG", "INUSE", "LIMIT")


# The first that fits: particular kinds stand before general ones.
_MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate is not believed; where it is your own: TRIAGE_IMAP_CA_FILE"),
    (ssl.SSLError, "no TLS could be agreed on: check TRIAGE_IMAP_PORT and TRIAGE_IMAP_TLS"),
    (socket.gaierror, "no such host: check TRIAGE_IMAP_HOST"),
    (ConnectionRefusedError, "nobody listens there: check TRIAGE_IMAP_HOST and TRIAGE_IMAP_PORT"),
    (TimeoutError, "no answer in time (TRIAGE_IMAP_TIMEOUT_S)"),
    (IMAPClientReadOnlyError, "the folder is read-only, so taken mail could not be marked: the user needs the right"),
    (IMAPClientAbortError, "the connection is lost"),
)


class MailServerError(TransientError):
    """The mail server cannot be used now; the message says why."""


class LoginRefusedError(MailServerError):
    """The mail server does not believe who we are; only a person can help, or a new token."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after_s=LOGIN_RETRY_S)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn what the IMAP library and the network raise into a MailServerError."""
    try:
        yield
    except MailServerError:
        raise
    # A server that answers nonsense makes the library stumble over it in many ways.
    except (IMAPClientError, OSError, ValueError, LookupError) as error:
        raise MailServerError(f"{where}: {explain(error)}") from error


@contextmanager
def translated_login(where: str, check: str) -> Iterator[None]:
    """Tell a refused login from a connection that broke; `check` names the settings to look at."""
    try:
        yield
    except LoginError as error:
        code = _CODE.search(str(error))
        name = code.group(1) if code else ""
        # The library makes a LoginError of a connection lost, too.
        if isinstance(error.__context__, IMAPClientAbortError) or name in _NOT_OUR_FAULT:
            raise MailServerError(f"{where}: the login was cut short{f' ({name})' if name else ''}") from error
        # Without the server's own words: they may repeat the address.
        raise LoginRefusedError(
            f"{where}: the server refuses the login{f' ({name})' if name else ''}: check {check}"
        ) from error


def explain(error: Exception) -> str:
    """Say in one line what happened, and what to do where that is known."""
    text = " ".join(str(error).split())[:MAX_CHARS]
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return f"{meaning} ({text})"
    return f"{type(error).__name__}: {text}"
