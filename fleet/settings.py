"""The one reader of the environment: a frozen record of every setting, or an error that names the variable."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fleet import redaction
from fleet.environment import OURS, names_of, read_group, strangers
from fleet.errors import ConfigurationError
from fleet.setting_types import (
    BrokerUrl,
    Dollars,
    HttpUrl,
    MailAddresses,
    ModelName,
    ReadableFile,
    RedisUrl,
    Seconds,
    SentryDsn,
    Token,
)

_OWN_NAMES = {
    "anthropic_api_key": "ANTHROPIC_API_KEY",
    "anthropic_auth_token": "ANTHROPIC_AUTH_TOKEN",
    "anthropic_base_url": "ANTHROPIC_BASE_URL",
    "sentry_dsn": "SENTRY_DSN",
}
"""Variables that other programs named; every other one is TRIAGE_ and the field's name."""

_HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
_OTHERS_SECRETS = ("ANTHROPIC_IDENTITY_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
"""Read by the libraries themselves; known here only to be kept out of messages."""

ROLES = ("IMAP", "SMTP", "WEBHOOKS", "SLACK", "MATRIX", "CHAT", "HTTP", "RAW")
"""What follows TRIAGE_ in the producers' own variables. Their names are known to producers.registry, and checked there
and by the producer itself; a setting of this file must not begin like one."""

_ROLE_PREFIXES = tuple(f"{OURS}{role}_" for role in ROLES)

S = TypeVar("S", bound=BaseModel)


class Settings(BaseModel):
    """Every setting with its default. Times in seconds, money in US dollars."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True, protected_namespaces=()
    )

    redis_url: RedisUrl | None = None
    broker_url: BrokerUrl | None = None
    allow_unsafe_redis: bool = False

    anthropic_api_key: Token | None = None
    anthropic_auth_token: Token | None = None
    anthropic_base_url: HttpUrl | None = None
    small_model: ModelName = "claude-haiku-5-5"
    frontier_model: ModelName = "claude-opus-5-5"
    call_timeout_s: Seconds = Field(default=45.0, le=900)
    small_ticket_tokens: int = Field(default=4_000, ge=100, le=1_000_000)
    frontier_ticket_tokens: int = Field(default=16_000, ge=100, le=1_000_000)
    max_output_tokens: int = Field(default=400, ge=50, le=8_000)

    taxonomy: ReadableFile | None = None
    limits: ReadableFile | None = None
    prices: ReadableFile | None = None
    daily_budget_usd: Dollars | None = None
    minute_budget_usd: Dollars | None = None
    ticket_budget_usd: Dollars | None = None
    soft_budget_share: float = Field(default=0.8, gt=0, le=1)

    lease_s: Seconds = Field(default=15.0, ge=1, le=600)
    hint_slack_s: Seconds = Field(default=5.0, ge=0.1, le=600)
    reap_every_s: Seconds = Field(default=1.0, ge=0.05, le=60)
    drain_s: Seconds = Field(default=30.0, le=3_600)
    max_attempts: int = Field(default=8, ge=1, le=1_000)
    max_crashes: int = Field(default=3, ge=1, le=100)
    max_age_h: float = Field(default=24.0, gt=0, le=8_760)
    max_backlog: int = Field(default=100_000, ge=1, le=100_000_000)
    memory_full_share: float = Field(default=0.7, gt=0, le=1)
    retention_days: float = Field(default=30.0, gt=0, le=3_650)

    own_addresses: MailAddresses = frozenset()

    sinks: str = "log,page"
    page_url: HttpUrl = "https://events.pagerduty.com/v2/enqueue"
    page_routing_key: Token | None = None
    page_service: str = "support"

    metrics_port: int = Field(default=0, ge=0, le=65_535)
    sentry_dsn: SentryDsn | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _recovers(self) -> Self:
        if self.reap_every_s > self.lease_s:
            raise ValueError("TRIAGE_REAP_EVERY_S is above TRIAGE_LEASE_S: lost tickets would lie for long")
        return self

    @property
    def sink_names(self) -> tuple[str, ...]:
        """Names of the sinks that verdicts go to."""
        return tuple(name.strip() for name in self.sinks.split(",") if name.strip())

    @property
    def ledger_url(self) -> str:
        """The ledger's server, password and all; raises ConfigurationError where none is set."""
        if self.redis_url is None:
            raise ConfigurationError(
                "TRIAGE_REDIS_URL is not set: say where the Redis or Valkey server is, "
                "for example redis://localhost:6379/0 (to try without one: triage demo)"
            )
        return self.redis_url.get_secret_value()

    @property
    def hints_url(self) -> str:
        """The broker that hints travel on: TRIAGE_BROKER_URL, or else the ledger's server; password and all."""
        url = self.broker_url.get_secret_value() if self.broker_url else self.ledger_url
        if url.startswith("unix://"):  # Celery has names of its own for a socket file and its database
            return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
        return url


def variable(field: str) -> str:
    """Name the environment variable of a settings field."""
    return _OWN_NAMES.get(field, f"{OURS}{field.upper()}")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the environment (default: the process's); what is wrong raises ConfigurationError, a line for each variable.

    Empty variables count as not set. Secrets may also stand in the file that `<variable>_FILE` names. A TRIAGE_ name
    that nobody knows is wrong, too: a misspelt cap on money would cap nothing.
    """
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    _remember_others_secrets(source)
    return _read(Settings, variable, source, overrides, _strangers(source))


def load_group(group: type[S], prefix: str, environ: Mapping[str, str] | None = None, **overrides: object) -> S:
    """Read a role's own settings: variable = prefix + field in capitals; a secret may stand in NAME_FILE.

    Raises ConfigurationError with the names of the wrong, missing or unknown variables.
    """
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    name = partial(_in_group, prefix)
    return _read(group, name, source, overrides, strangers(source, names_of(group, name), prefix))


def ensure_known(groups: Mapping[str, Callable[[], type[BaseModel]]], environ: Mapping[str, str] | None = None) -> None:
    """Refuse every TRIAGE_ name that neither the fleet nor a role's group has; a group is loaded where one is set."""
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    unknown = _strangers(source)
    for prefix, load in groups.items():
        if is_prefix_used(prefix, source):
            unknown += strangers(source, names_of(load(), partial(_in_group, prefix)), prefix)
    if unknown:
        raise ConfigurationError("\n".join(unknown))


def _strangers(source: Mapping[str, str]) -> list[str]:
    return strangers(source, names_of(Settings, variable), OURS, _ROLE_PREFIXES)


def _remember_others_secrets(source: Mapping[str, str]) -> None:
    for name in _OTHERS_SECRETS:
        redaction.remember(source.get(name, ""), source.get(name.lower(), ""))
    redaction.remember(*(line.partition(":")[2] for line in source.get(_HEADERS, "").split("\n")))


def is_prefix_used(prefix: str, environ: Mapping[str, str] | None = None) -> bool:
    """Whether any variable with a role's prefix is set."""
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    return any(value and name.upper().startswith(prefix) for name, value in source.items())


def _in_group(prefix: str, field: str) -> str:
    return prefix + field.upper()


def _read(
    group: type[S],
    name: Callable[[str], str],
    source: Mapping[str, str],
    overrides: Mapping[str, object],
    unknown: list[str],
) -> S:
    try:
        made = read_group(group, name, source, overrides)
    except ConfigurationError as error:
        raise ConfigurationError("\n".join([*unknown, str(error)])) from None
    if unknown:
        raise ConfigurationError("\n".join(unknown))
    return made
