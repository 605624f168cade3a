"""Limits from a TOML file.

```toml
unlimited = false
[default]
requests_per_minute = 50
[models.claude-haiku-5-5]
requests_per_minute = 4000
input_tokens_per_minute = 4_000_000
output_tokens_per_minute = 800_000
burst_s = 1
```
"""

import dataclasses
import tomllib
from pathlib import Path

from ops.simulator.metering.limits import Limits, ModelLimits

_NAMES = frozenset(field.name for field in dataclasses.fields(ModelLimits))


def load_limits(path: Path) -> Limits:
    """Read a limits file; an unknown key or a wrong value raises ValueError that names it."""
    try:
        return parse_limits(tomllib.loads(path.read_text("utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse_limits(table: dict[str, object]) -> Limits:
    """Build limits from a parsed table; what a model leaves out comes from `[default]`."""
    unknown = set(table) - {"unlimited", "default", "models"}
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    default = _model_limits(table.get("default", {}), "default", ModelLimits())
    models = table.get("models", {})
    if not isinstance(models, dict):
        raise ValueError("models: must be a table")  # noqa: TRY004 - one kind of error for a wrong file
    named = {name: _model_limits(value, f"models.{name}", default) for name, value in models.items()}
    return Limits(default, named, unlimited=table.get("unlimited", False) is True)


def _model_limits(table: object, place: str, base: ModelLimits) -> ModelLimits:
    if not isinstance(table, dict):
        raise ValueError(f"{place}: must be a table")  # noqa: TRY004 - one kind of error for a wrong file
    for name, value in table.items():
        if name not in _NAMES:
            raise ValueError(f"{place}.{name}: unknown key; known are {', '.join(sorted(_NAMES))}")
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{place}.{name}: must be a number that is not negative")
    return dataclasses.replace(base, **table)
