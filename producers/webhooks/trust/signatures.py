"""Signatures as each provider makes them. Comparisons take the same time whatever is wrong."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable

from fleet.errors import ConfigurationError
from producers.intake.metrics import Refusal
from producers.webhooks.request.posted import Posted
from producers.webhooks.request.shapes import mapping, text
from producers.webhooks.trust.secrets import is_one_of

_MAX_DIGITS = 12

Verify = Callable[[bytes, bytes], bool]
"""Tell whether a signature is that of these bytes."""


def doubt_time(written: str, now: float, window_s: float) -> Refusal | None:
    """Say whether a time in seconds since 1970 is too far from now."""
    is_number = written.isascii() and written.isdigit() and len(written) <= _MAX_DIGITS
    return None if is_number and abs(now - int(written)) <= window_s else Refusal.STALE


def doubt_mailgun(posted: Posted, keys: Iterable[str], now: float, window_s: float) -> Refusal | None:
    """Mailgun: HMAC-SHA256 in hex over timestamp and token, which are fields of the form. The mail is not signed.

    In events, which are JSON, they are members of `signature`.
    """
    said = mapping(posted.object.get("signature"))
    timestamp, token, signature = (
        text(said.get(name)) if posted.is_json else posted.form.text(name)
        for name in ("timestamp", "token", "signature")
    )
    if not (timestamp and token and signature):
        return Refusal.MISSING
    made = [_hmac(key, f"{timestamp}{token}".encode(), "sha256").hex().encode() for key in keys]
    if not is_one_of(signature.lower().encode("utf-8", "replace"), made):
        return Refusal.SIGNATURE
    return doubt_time(timestamp, now, window_s)


def doubt_mandrill(posted: Posted, keys: Iterable[str], url: str) -> Refusal | None:
    """Mandrill: HMAC-SHA1 in base64 over the URL and all fields by name. It has no time: the ledger knows the mail."""
    signature = posted.headers.get("x-mandrill-signature", "")
    if not signature:
        return Refusal.MISSING
    fields = sorted(posted.form.fields, key=lambda part: part.name)
    signed = url.encode() + b"".join(part.name.encode() + part.value for part in fields)
    made = [base64.b64encode(_hmac(key, signed, "sha1")) for key in keys]
    return None if is_one_of(signature.encode("utf-8", "replace"), made) else Refusal.SIGNATURE


def doubt_sendgrid(posted: Posted, keys: Iterable[Verify], now: float, window_s: float) -> Refusal | None:
    """SendGrid: ECDSA over the timestamp of a header and the body."""
    timestamp = posted.headers.get("x-twilio-email-event-webhook-timestamp", "")
    signature = posted.headers.get("x-twilio-email-event-webhook-signature", "")
    if not (timestamp and signature):
        return Refusal.MISSING
    try:
        made = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return Refusal.SIGNATURE
    signed = timestamp.encode("utf-8", "replace") + posted.body
    if not any(verify(made, signed) for verify in keys):
        return Refusal.SIGNATURE
    return doubt_time(timestamp, now, window_s)


def ecdsa_verifier(public_key: str) -> Verify:
    """Read SendGrid's public key (base64 of the DER form); raises ConfigurationError where it cannot be read."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_der_public_key
    except ImportError:
        raise ConfigurationError(
            "TRIAGE_WEBHOOKS_SENDGRID_KEY needs the package cryptography (pip install cryptography); "
            "without it, TRIAGE_WEBHOOKS_SENDGRID_SECRET goes by basic auth"
        ) from None
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except ValueError:  # binascii.Error is one
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ConfigurationError("TRIAGE_WEBHOOKS_SENDGRID_KEY: this is no public key as SendGrid shows it")
    curve = key

    def verify(signature: bytes, signed: bytes) -> bool:
        try:
            curve.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    return verify


def _hmac(key: str, signed: bytes, method: str) -> bytes:
    return hmac.new(key.encode(), signed, getattr(hashlib, method)).digest()
