"""The two headers that every call must carry: a key and an API version."""

from collections.abc import Mapping

from ops.simulator.api.errors import ApiError, invalid

KNOWN_VERSIONS = frozenset({"2023-01-01", "2023-06-01", "2026-10-21"})
KEY_PREFIX = "sk-"


def check_key(headers: Mapping[str, str], accepted: frozenset[str]) -> None:
    """Raise 401 unless the key is accepted; with nothing configured any key that looks like one is."""
    key = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    if key is None:
        raise ApiError(401, "x-api-key header is required")
    if key not in accepted if accepted else not key.startswith(KEY_PREFIX):
        raise ApiError(401, "invalid x-api-key")


def check_version(headers: Mapping[str, str]) -> None:
    """Raise 400 unless the request names a version of the API that exists."""
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in KNOWN_VERSIONS:
        raise invalid(f'anthropic-version: "{version[:40]}" is not a valid version')


def _bearer(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
