"""The sinks by name, as TRIAGE_SINKS lists them."""

from collections.abc import Callable, Mapping

from fleet.errors import ConfigurationError
from fleet.settings import Settings
from fleet.verdict import Verdict
from worker.sinks.base import Sink
from worker.sinks.http import Outbound
from worker.sinks.log import LogSink
from worker.sinks.page import PageSink

Builder = Callable[[Settings, Outbound, Callable[[Verdict], bool]], Sink]

_BUILDERS: Mapping[str, Builder] = {LogSink.name: lambda *_: LogSink(), PageSink.name: PageSink}


def build_sinks(settings: Settings, outbound: Outbound, pages: Callable[[Verdict], bool]) -> dict[str, Sink]:
    """Make the sinks that the settings name; an unknown name raises ConfigurationError."""
    unknown = sorted(set(settings.sink_names) - _BUILDERS.keys())
    if unknown:
        raise ConfigurationError(f"TRIAGE_SINKS: unknown sink {', '.join(unknown)} (known: {', '.join(_BUILDERS)})")
    return {name: _BUILDERS[name](settings, outbound, pages) for name in settings.sink_names}
