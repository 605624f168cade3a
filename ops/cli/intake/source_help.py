"""`triage ingest SOURCE --help`: the variables of one source, with their defaults."""

import argparse
from collections.abc import Iterator
from enum import Enum
from typing import Any

from pydantic.fields import FieldInfo

from fleet.setting_types import is_secret
from ops.cli.terminal.wording import columns
from producers.groups import GROUPS
from producers.registry import SOURCES


class SourceParser(argparse.ArgumentParser):
    """The parser of one source; its settings are looked up only where its help is asked for."""

    def format_help(self) -> str:
        """Add the settings to the help."""
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        self.epilog = "\n".join(_settings(self.prog.rpartition(" ")[2]))
        return super().format_help()


def _settings(source: str) -> Iterator[str]:
    yield "settings (docs/producers explains them, the README the fleet's own):"
    for prefix in SOURCES[source].prefixes:
        fields = GROUPS[prefix]().model_fields.items()
        yield from columns(((prefix + name.upper(), _default(info)) for name, info in fields), indent="  ")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    secret = "; or in a file, NAME_FILE" if is_secret(info.annotation) else ""
    return f"default: {written(info.get_default(call_default_factory=True)) or 'none'}{secret}"


def written(default: Any) -> str:
    """Write a default as the tables in docs/producers do; "" where there is none."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float) and default.is_integer():
        return str(int(default))
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, tuple | frozenset):
        return ",".join(map(str, default))
    return "" if default is None else str(default)
