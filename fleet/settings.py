"""The one reader of the environment: a frozen record of every setting, or an error that names the variable."""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from fleet.errors import ConfigurationError

_OWN_NAMES = {
    "anthropic_api_key": "ANTHROPIC_API_KEY",
    "anthropic_base_url": "ANTHROPIC_BASE_URL",
    "sentry_dsn": "SENTRY_DSN",
}
"""Variables that other programs named; every other one is TRIAGE_ and the field's name."""

_SECRETS = ("anthropic_api_key", "sentry_dsn", "redis_url", "broker_url", "page_routing_key")
"""These are also read from the file that NAME_FILE points at."""

S = TypeVar("S", bound=BaseModel)

Seconds = Annotated[float, Field(gt=0)]
RedisUrl = Annotated[str, Field(pattern=r"^(redis|rediss|unix)://")]


class Settings(BaseModel):
    """Every setting with its default. Times in seconds, money in US dollars."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    redis_url: RedisUrl | None = None
    broker_url: str | None = None
    allow_unsafe_redis: bool = False

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    small_model: str = "claude-haiku-5-5"
    frontier_model: str = "claude-opus-5-5"
    call_timeout_s: Seconds = 45.0
    small_ticket_tokens: int = Field(default=4_000, ge=100)
    frontier_ticket_tokens: int = Field(default=16_000, ge=100)
    max_output_tokens: int = Field(default=400, ge=50, le=8_000)

    taxonomy: Path | None = None
    limits: Path | None = None
    prices: Path | None = None
    daily_budget_usd: Decimal | None = Field(default=None, gt=0)
    minute_budget_usd: Decimal | None = Field(default=None, gt=0)
    ticket_budget_usd: Decimal | None = Field(default=None, gt=0)
    soft_budget_share: float = Field(default=0.8, gt=0, le=1)

    lease_s: Seconds = 15.0
    hint_slack_s: Seconds = 5.0
    reap_every_s: Seconds = 1.0
    drain_s: Seconds = 30.0
    max_attempts: int = Field(default=8, ge=1)
    max_crashes: int = Field(default=3, ge=1)
    max_age_h: float = Field(default=24.0, gt=0)
    max_backlog: int = Field(default=100_000, ge=1)
    memory_full_share: float = Field(default=0.7, gt=0, le=1)
    retention_days: float = Field(default=30.0, gt=0)

    sinks: str = "log,page"
    page_url: str = "https://events.pagerduty.com/v2/enqueue"
    page_routing_key: SecretStr | None = None
    page_service: str = "support"

    metrics_port: int = Field(default=0, ge=0, le=65_535)
    sentry_dsn: SecretStr | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @field_validator("anthropic_base_url", "page_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("an http:// or https:// address is needed")
        return value

    @property
    def sink_names(self) -> tuple[str, ...]:
        """Names of the sinks that verdicts go to."""
        return tuple(name.strip() for name in self.sinks.split(",") if name.strip())

    @property
    def ledger_url(self) -> str:
        """The ledger's server; raises ConfigurationError where none is set."""
        if self.redis_url is None:
            raise ConfigurationError(
                "TRIAGE_REDIS_URL is not set: say where the Redis or Valkey server is, "
                "for example redis://localhost:6379/0 (to try without one: triage demo)"
            )
        return self.redis_url

    @property
    def hints_url(self) -> str:
        """The broker that hints travel on: TRIAGE_BROKER_URL, or else the ledger's server."""
        url = self.broker_url or self.ledger_url
        if url.startswith("unix://"):  # Celery has names of its own for a socket file and its database
            return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
        return url


def variable(field: str) -> str:
    """Name the environment variable of a settings field."""
    return _OWN_NAMES.get(field, f"TRIAGE_{field.upper()}")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the environment (default: the process's); a wrong value raises ConfigurationError with its variable's name.

    Empty variables count as not set. Secrets may also stand in the file that `<variable>_FILE` names.
    """
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    values: dict[str, object] = {}
    for field in Settings.model_fields:
        value = _read(source, variable(field), secret=field in _SECRETS)
        if value:
            values[field] = value
    try:
        return Settings.model_validate(values | overrides)
    except ValidationError as error:
        raise ConfigurationError(_explain(error, variable)) from None


def load_group(group: type[S], prefix: str, environ: Mapping[str, str] | None = None, **overrides: object) -> S:
    """Read a role's own settings: variable = prefix + field in capitals; a SecretStr may stand in NAME_FILE.

    Raises ConfigurationError with the names of the wrong or missing variables.
    """
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the one reader
    values: dict[str, object] = {}
    for field, info in group.model_fields.items():
        value = _read(source, prefix + field.upper(), secret=_is_secret(info.annotation))
        if value:
            values[field] = value
    try:
        return group.model_validate(values | overrides)
    except ValidationError as error:
        raise ConfigurationError(_explain(error, lambda field: prefix + field.upper())) from None


def _is_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in get_args(annotation)


def _read(source: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    path = source.get(f"{name}_FILE") if secret else None
    if not path:
        return source.get(name)
    if source.get(name):
        raise ConfigurationError(f"{name} and {name}_FILE are both set: keep one")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}_FILE: cannot read {path}: {error}") from None


def _explain(error: ValidationError, name: Callable[[str], str]) -> str:
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        where = name(str(item["loc"][0])) if item["loc"] else "settings"
        message = "is not set, and is needed" if item["type"] == "missing" else item["msg"]
        lines.append(f"{where}: {message.removeprefix('Value error, ')}")
    return "\n".join(lines)
