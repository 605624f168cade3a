"""The settings of `triage ingest slack`."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from fleet.setting_types import HttpUrl, Token
from producers.intake.listen import Listen
from producers.slack.hearing import Hearing, checked_names

PREFIX = "TRIAGE_SLACK_"


class Mode(StrEnum):
    """How Slack reaches us."""

    HTTP = "http"
    SOCKET = "socket"


def _names(value: object) -> object:
    return frozenset(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


def _listen(value: object) -> object:
    return Listen.parse(value) if isinstance(value, str) else value


class SlackSettings(BaseModel):
    """`channels` are ids, all where it is empty; `hear` names apps to hear; `api_url` is for proxies and tests."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid", arbitrary_types_allowed=True)

    mode: Mode = Mode.SOCKET
    """how Slack reaches us: socket or http"""
    signing_secret: Token | None = None
    """the app's signing secret, from Basic Information"""
    app_token: Token | None = None
    """the app-level token, xapp-…"""
    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8082)
    """where http listens"""
    channels: Annotated[frozenset[str], BeforeValidator(_names)] = frozenset()
    """ids of channels to hear, separated by commas"""
    hear: Annotated[frozenset[str], BeforeValidator(_names), AfterValidator(checked_names)] = frozenset()
    """apps, workflow forms and mails to hear: ids, workflows, email, with commas between"""
    api_url: HttpUrl = Field(default="https://slack.com/api/", pattern="/$")
    """for proxies and tests"""
    max_bytes: int = Field(default=1024 * 1024, ge=1024)
    """largest request"""

    @property
    def hearing(self) -> Hearing:
        """Who is heard, and where."""
        return Hearing(self.channels, self.hear)

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        if self.mode is Mode.HTTP and not _is_set(self.signing_secret):
            raise ValueError("TRIAGE_SLACK_MODE=http needs TRIAGE_SLACK_SIGNING_SECRET (Basic Information of the app)")
        if self.mode is Mode.SOCKET and not _is_set(self.app_token):
            raise ValueError("TRIAGE_SLACK_MODE=socket needs TRIAGE_SLACK_APP_TOKEN (xapp-…, with connections:write)")
        return self


def _is_set(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value().strip())
