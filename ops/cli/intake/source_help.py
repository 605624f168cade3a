"""`triage ingest SOURCE --help`: the variables of one source, with their defaults and meanings."""

import argparse
from collections.abc import Iterator
from enum import Enum
from textwrap import wrap
from typing import Any

from pydantic.fields import FieldInfo

from fleet.environment import FILE
from fleet.setting_types import is_secret
from producers.groups import GROUPS
from producers.registry import SOURCES

_WIDTH, _INDENT = 100, 6 * " "


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
        for name, info in fields:
            yield f"  {prefix}{name.upper()} ({_default(prefix + name.upper(), info)})"
            yield from wrap(meaning(info), initial_indent=_INDENT, subsequent_indent=_INDENT, width=_WIDTH)


def _default(name: str, info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    secret = f"; or in a file: {name}{FILE}" if is_secret(info.annotation) else ""
    return f"default: {written(info.get_default(call_default_factory=True)) or 'none'}{secret}"


def meaning(info: FieldInfo) -> str:
    """Say what a setting means, as its model and the tables in docs/producers do."""
    return " ".join((info.description or "").split())


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
