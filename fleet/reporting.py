"""Error reports to Sentry: errors only, without local variables, personal data or secrets."""

from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from fleet.redaction import redacted
from fleet.settings import Settings


def report_errors(settings: Settings) -> None:
    """Send this process's errors to Sentry, where SENTRY_DSN is set."""
    if settings.sentry_dsn:
        sentry_sdk.init(
            settings.sentry_dsn.get_secret_value(),
            include_local_variables=False,
            send_default_pii=False,
            max_request_body_size="never",
            before_send=without_secrets,
        )


def without_secrets(event: Event, _hint: Hint) -> Event:
    """Mask the secrets of this process in an event: a library's message may hold one."""
    masked: Event = _masked(event)
    return masked


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    return value
