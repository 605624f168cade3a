"""The sinks by name, as TRIAGE_SINKS lists them."""

from collections.abc import Callable

from fleet.errors import ConfigurationError
from fleet.settings import Settings
from fleet.verdict import Verdict
from worker.sinks.base import Sink
from worker.sinks.http import Outbound
from worker.sinks.log import LogSink
from worker.sinks.page import PageSink

NAMES = (LogSink.name, PageSink.name)


def build_sinks(settings: Settings, outbound: Outbound, pages: Callable[[Verdict], bool]) -> dict[str, Sink]:
    """Make the sinks that the settings name; an unknown name raises ConfigurationError."""
    every: dict[str, Sink] = {LogSink.name: LogSink(), PageSink.name: PageSink(settings, outbound, pages)}
    unknown = sorted(set(settings.sink_names) - every.keys())
    if unknown:
        raise ConfigurationError(f"TRIAGE_SINKS: unknown sink {', '.join(unknown)} (known: {', '.join(NAMES)})")
    return {name: every[name] for name in settings.sink_names}
