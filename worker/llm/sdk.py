"""The SDK's clients: made from the settings in one way, so that `triage check` asks as the workers do."""

from collections.abc import Callable
from typing import TypedDict, TypeVar

import anthropic
from anthropic import Anthropic, AsyncAnthropic, DefaultAioHttpClient
from httpx2 import Limits

from fleet.errors import ConfigurationError
from fleet.settings import Settings

VENDOR_URL = "https://api.anthropic.com"

C = TypeVar("C", Anthropic, AsyncAnthropic)


class _Told(TypedDict):
    api_key: str | None
    auth_token: str | None
    base_url: str | None
    max_retries: int


def make_client(settings: Settings, *, timeout_s: float) -> Anthropic:
    """Make a client that blocks; ConfigurationError where it would have nothing to log in with."""
    return _made(lambda: Anthropic(**_told(settings), timeout=timeout_s))


def make_async_client(settings: Settings, *, timeout: anthropic.Timeout, limits: Limits) -> AsyncAnthropic:
    """Make a client for one event loop; ConfigurationError where it would have nothing to log in with."""
    transport = DefaultAioHttpClient(limits=limits, follow_redirects=False)
    return _made(lambda: AsyncAnthropic(**_told(settings), timeout=timeout, http_client=transport))


def login(client: Anthropic | AsyncAnthropic) -> str:
    """Name what a client logs in with; "" where it has nothing."""
    if client.api_key:
        return "ANTHROPIC_API_KEY"
    if client.auth_token:
        return "ANTHROPIC_AUTH_TOKEN"
    return "the SDK's own profile" if client.credentials is not None else ""


def _told(settings: Settings) -> _Told:
    key, token = settings.anthropic_api_key, settings.anthropic_auth_token
    return {
        "api_key": key.get_secret_value() if key else None,
        # The SDK takes one of the two, and looks for others only where it has neither.
        "auth_token": token.get_secret_value() if token and not key else None,
        "base_url": settings.anthropic_base_url,
        "max_retries": 0,  # each retry is a new paid call, and the SDK sleeps retry-after without a cap
    }


def _made(make: Callable[[], C]) -> C:
    try:
        client = make()
    except anthropic.CredentialsError as error:
        raise ConfigurationError(f"the SDK cannot read the login that it was told of: {error}") from None
    # Asked of the SDK, for it knows tokens and profiles too. Without any, every ticket would be parked as a bug.
    if not login(client):
        raise ConfigurationError(
            "ANTHROPIC_API_KEY is not set, nor ANTHROPIC_AUTH_TOKEN: without one no model can be called"
        )
    if not client.base_url.host:  # an empty ANTHROPIC_BASE_URL counts as not set for us, and as an address for the SDK
        client.base_url = VENDOR_URL
    return client
