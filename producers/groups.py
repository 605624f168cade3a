"""The producers' own groups of settings by the prefix of their variables. A group is imported where it is asked for."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import cast

from pydantic import BaseModel


def _load(module: str, name: str) -> type[BaseModel]:
    return cast("type[BaseModel]", getattr(import_module(module), name))


GROUPS: Mapping[str, Callable[[], type[BaseModel]]] = {
    "TRIAGE_IMAP_": partial(_load, "producers.imap.settings", "ImapSettings"),
    "TRIAGE_SMTP_": partial(_load, "producers.smtp.settings", "SmtpSettings"),
    "TRIAGE_WEBHOOKS_": partial(_load, "producers.webhooks.settings", "WebhookSettings"),
    "TRIAGE_SLACK_": partial(_load, "producers.slack.settings", "SlackSettings"),
    "TRIAGE_MATRIX_": partial(_load, "producers.matrix.settings", "MatrixSettings"),
    "TRIAGE_CHAT_": partial(_load, "producers.chat.settings", "BurstSettings"),
    "TRIAGE_HTTP_": partial(_load, "producers.api.settings", "HttpSettings"),
    "TRIAGE_RAW_": partial(_load, "producers.raw.settings", "RawSettings"),
}
"""None of these modules may need an extra: commands that use no producer look names up here, too."""
