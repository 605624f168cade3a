"""A connection to the mail server: protected, with time-outs, logged in. Blocking; used by one thread."""

import ssl
from contextlib import suppress
from typing import Any

from imapclient import SocketTimeout  # type: ignore[import-untyped]

from fleet.errors import ConfigurationError
from producers.imap.client import Client
from producers.imap.failures import MailServerError, translated, translated_login
from producers.imap.settings import ImapSettings, Tls

LONGEST_CONNECT_S = 10.0


def trust(settings: ImapSettings) -> ssl.SSLContext:
    """Say whose certificates are believed: TRIAGE_IMAP_CA_FILE, or the system's; raises ConfigurationError."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"TRIAGE_IMAP_CA_FILE: cannot read {settings.ca_file}: {error}") from None


def connect(settings: ImapSettings, context: ssl.SSLContext) -> Any:
    """Connect and log in; raises MailServerError, or its kind LoginRefusedError."""
    with translated(settings.where):
        client = Client(
            settings.host,
            settings.port,
            ssl=settings.tls is Tls.SSL,
            ssl_context=context,
            timeout=SocketTimeout(min(settings.timeout_s, LONGEST_CONNECT_S), settings.timeout_s),
        )
        client.normalise_times = False  # times with their zone
        try:
            if settings.tls is Tls.STARTTLS:
                client.starttls(context)
            _log_in(client, settings)
        except BaseException:
            with suppress(Exception):
                client.shutdown()
            raise
    return client


def _log_in(client: Any, settings: ImapSettings) -> None:
    if settings.password is None:
        with translated_login(settings.where, "TRIAGE_IMAP_USER and the token in TRIAGE_IMAP_TOKEN_FILE"):
            _show_token(client, settings.user, _token(settings))
        return
    password = settings.password.get_secret_value()
    with translated_login(settings.where, "TRIAGE_IMAP_USER and TRIAGE_IMAP_PASSWORD"):
        if client.has_capability("AUTH=PLAIN"):  # LOGIN can carry ASCII only
            client.plain_login(settings.user, password)
        else:
            client.login(settings.user, password)


def _show_token(client: Any, user: str, token: str) -> None:
    if client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2"):
        client.oauthbearer_login(user, token)
    else:
        client.oauth2_login(user, token)


def _token(settings: ImapSettings) -> str:
    # Read at each login: tokens live for an hour, and whoever renews them writes the file anew.
    assert settings.token_file is not None
    try:
        token = settings.token_file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MailServerError(f"TRIAGE_IMAP_TOKEN_FILE: cannot read {settings.token_file}: {error}") from None
    if not token:
        raise MailServerError(f"TRIAGE_IMAP_TOKEN_FILE: {settings.token_file} is empty")
    return token
