"""The sources by name. A source's module is imported only when it is the one that was named."""

from dataclasses import dataclass
from importlib import import_module
from typing import cast

from fleet.settings import Settings
from producers.intake.service import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a source lives. Its module has `make_source(settings) -> Source`, which reads the source's own settings.

    `extra` brings the libraries that it needs, `prefixes` are those of its variables.
    """

    module: str
    help: str
    extra: str
    prefixes: tuple[str, ...]

    def make(self, settings: Settings) -> Source:
        """Make the source; raises ConfigurationError with the variables that are wrong or missing."""
        return cast("Source", import_module(self.module).make_source(settings))


_CHAT = "TRIAGE_CHAT_"

SOURCES: dict[str, Entry] = {
    "imap": Entry("producers.imap.source", "a mailbox, over IMAP", "mail", ("TRIAGE_IMAP_",)),
    "smtp": Entry("producers.smtp.source", "a mail server's deliveries, over SMTP or LMTP", "mail", ("TRIAGE_SMTP_",)),
    "webhooks": Entry(
        "producers.webhooks.source",
        "signed webhooks: inbound mail of providers, chat messages",
        "webhooks",
        ("TRIAGE_WEBHOOKS_", _CHAT),
    ),
    "slack": Entry(
        "producers.slack.source", "Slack, over signed HTTP or Socket Mode", "slack", ("TRIAGE_SLACK_", _CHAT)
    ),
    "matrix": Entry("producers.matrix.source", "Matrix rooms", "matrix", ("TRIAGE_MATRIX_", _CHAT)),
    "http": Entry("producers.api.source", "the HTTP API: POST /v1/tickets", "http", ("TRIAGE_HTTP_",)),
    "redis": Entry("producers.raw.source", "raw JSON that others LPUSH or XADD", "", ("TRIAGE_RAW_",)),
}
