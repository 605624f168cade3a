"""Doubts about settings: what works, but is probably not meant. Told at a worker's start and by `triage check`."""

from collections.abc import Callable, Iterator

from pydantic import BaseModel

from fleet.addresses import is_bare, shown
from fleet.setting_types import is_address
from fleet.settings import Settings, variable

PAGERDUTY = "https://events.pagerduty.com"
PAGERDUTY_KEY_LENGTH = 32
AT_ONCE_S = 5.0
"""A worker keeps so much of the drain time back for giving tickets back."""


def doubts(settings: Settings) -> list[str]:
    """Say each doubt in one line that begins with its variable."""
    return [
        *_bare(settings, variable),
        *_of_the_api(settings),
        *_of_the_page(settings),
        *_of_figures(settings),
    ]


def bare_addresses(group: BaseModel, prefix: str) -> Iterator[str]:
    """Find the addresses of a role's own settings to which secrets and texts would go in plain sight."""
    return _bare(group, lambda field: prefix + field.upper())


def _bare(group: BaseModel, name: Callable[[str], str]) -> Iterator[str]:
    for field, info in type(group).model_fields.items():
        value = getattr(group, field)
        if isinstance(value, str) and is_address(info.annotation, info.metadata) and is_bare(value):
            yield f"{name(field)}: {shown(value)} is plain http to another machine: what is sent can be read on its way"


def _of_the_api(settings: Settings) -> Iterator[str]:
    url = settings.anthropic_base_url
    if url is not None and url.rstrip("/").endswith("/v1"):
        yield "ANTHROPIC_BASE_URL: ends with /v1, which the SDK adds by itself: leave it away"
    if settings.anthropic_api_key and settings.anthropic_auth_token:
        yield "ANTHROPIC_AUTH_TOKEN: is not used, for ANTHROPIC_API_KEY is set too"


def _of_the_page(settings: Settings) -> Iterator[str]:
    key = settings.page_routing_key
    if key and settings.page_url.startswith(PAGERDUTY) and len(key) != PAGERDUTY_KEY_LENGTH:
        yield f"TRIAGE_PAGE_ROUTING_KEY: PagerDuty's have {PAGERDUTY_KEY_LENGTH} characters, this one has {len(key)}"


def _of_figures(settings: Settings) -> Iterator[str]:
    if settings.drain_s <= AT_ONCE_S:
        yield "TRIAGE_DRAIN_S: leaves no time for calls to end: at each stop they are paid for nothing"
    day = settings.daily_budget_usd
    for name in ("minute_budget_usd", "ticket_budget_usd"):
        part = getattr(settings, name)
        if day is not None and part is not None and part > day:
            yield f"{variable(name)}: is above TRIAGE_DAILY_BUDGET_USD, so it bounds nothing"
