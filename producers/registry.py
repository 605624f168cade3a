"""The sources by name. A source's module is imported only when it is the one that was named."""

from dataclasses import dataclass
from importlib import import_module
from typing import cast

from fleet.settings import Settings
from producers.intake.service import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a source lives. Its module has `make_source(settings) -> Source`, which reads the source's own settings."""

    module: str
    help: str

    def make(self, settings: Settings) -> Source:
        """Make the source; raises ConfigurationError with the variables that are wrong or missing."""
        return cast("Source", import_module(self.module).make_source(settings))


SOURCES: dict[str, Entry] = {
    "imap": Entry("producers.imap.source", "a mailbox, over IMAP"),
    "smtp": Entry("producers.smtp.source", "a mail server's deliveries, over SMTP or LMTP"),
    "webhooks": Entry("producers.webhooks.source", "signed webhooks: inbound mail of providers, chat messages"),
    "slack": Entry("producers.slack.source", "Slack, over signed HTTP or Socket Mode"),
    "matrix": Entry("producers.matrix.source", "Matrix rooms"),
    "http": Entry("producers.api.source", "the HTTP API: POST /v1/tickets"),
    "redis": Entry("producers.raw.source", "raw JSON that others LPUSH or XADD"),
}
