"""Secrets that a sender says: as the password of basic auth, as a bearer token, or in the URL."""

import base64
import binascii
import hmac
from collections.abc import Iterable

from producers.intake.metrics import Refusal
from producers.webhooks.request.posted import Posted


def doubt_secret(posted: Posted, secrets: Iterable[str]) -> Refusal | None:
    """Say why the sender is not believed; None where it said one of these secrets."""
    said = _said(posted)
    if not said:
        return Refusal.MISSING
    return None if is_one_of(said, [secret.encode() for secret in secrets]) else Refusal.SIGNATURE


def is_one_of(value: bytes, expected: Iterable[bytes]) -> bool:
    """Compare with each one, in a time that tells nothing of them."""
    found = [hmac.compare_digest(value, one) for one in expected]
    return any(found)


def _said(posted: Posted) -> bytes:
    scheme, _, rest = posted.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip().encode("utf-8", "replace")
        case "basic":
            return _password(rest)
    return posted.query.get("secret", "").encode("utf-8", "replace")


def _password(encoded: str) -> bytes:
    try:
        pair = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return pair.partition(b":")[2]
