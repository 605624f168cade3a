"""Signatures of the Standard Webhooks format, under any of several secrets."""

import binascii
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from fleet.errors import ConfigurationError
from producers.intake.metrics import Refusal
from producers.webhooks.request.posted import Posted
from producers.webhooks.trust.secrets import is_one_of
from producers.webhooks.trust.signatures import doubt_time


def make_signers(secrets: Iterable[str]) -> tuple[Webhook, ...]:
    """Read secrets as they are handed out (`whsec_…`); raises ConfigurationError."""
    try:
        return tuple(Webhook(secret) for secret in secrets)
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise ConfigurationError(
            "TRIAGE_WEBHOOKS_MESSAGES_KEY: a secret is whsec_ and then base64, for example from "
            "`echo whsec_$(openssl rand -base64 32)`"
        ) from None


def doubt_message(posted: Posted, signers: Iterable[Webhook], now: float, window_s: float) -> Refusal | None:
    """Say why a message is not believed: the library's own check knows neither a clock nor several secrets."""
    name, written, signatures = (posted.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (name and written and signatures):
        return Refusal.MISSING
    if why := doubt_time(written, now, window_s):
        return why
    try:
        text, at = posted.body.decode(), datetime.fromtimestamp(int(written), UTC)
    except UnicodeDecodeError:
        return Refusal.SIGNATURE
    made = [signer.sign(name, at, text).encode() for signer in signers]
    is_signed = any(is_one_of(one.encode("utf-8", "replace"), made) for one in signatures.split())
    return None if is_signed else Refusal.SIGNATURE
