"""The models that the simulated API knows, as the pinned SDK lists them.

Context sizes and release dates are assumed: no stored page gives them. Retirement dates come from the SDK.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Lifecycle = Literal["active", "deprecated", "retired"]
SMALL_FAMILY = "haiku"


@dataclass(frozen=True)
class Model:
    """One model: what it accepts and when it goes."""

    id: str
    family: str
    lifecycle: Lifecycle = "active"
    retires_at: str | None = None
    max_input_tokens: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum_tokens: int = 1024
    can_disable_thinking: bool = True

    @property
    def is_small(self) -> bool:
        """Whether the small brain answers for it."""
        return self.family == SMALL_FAMILY


_SONNET_45_RETIRES = "2026-11-30T00:00:00Z"
_HAIKU_CONTEXT = 200_000

_MODELS = (
    Model("claude-haiku-5-5", "haiku", max_input_tokens=_HAIKU_CONTEXT, max_tokens=64_000, cache_minimum_tokens=512),
    Model("claude-sonnet-5-5", "sonnet"),
    Model("claude-opus-5-5", "opus", cache_minimum_tokens=512, can_disable_thinking=False),
    Model("claude-fable-5-2", "fable", cache_minimum_tokens=512),
    Model("claude-mythos-5-2", "mythos", cache_minimum_tokens=512),
    Model("claude-fable-5-1", "fable", cache_minimum_tokens=512),
    Model("claude-mythos-5-1", "mythos", cache_minimum_tokens=512),
    Model("claude-sonnet-5", "sonnet"),
    Model("claude-fable-5", "fable", cache_minimum_tokens=512),
    Model("claude-mythos-5", "mythos", cache_minimum_tokens=512),
    Model("claude-opus-5", "opus", cache_minimum_tokens=512),
    Model("claude-opus-4-8", "opus"),
    Model("claude-opus-4-7", "opus"),
    Model("claude-opus-4-6", "opus"),
    Model("claude-sonnet-4-6", "sonnet"),
    Model("claude-haiku-4-5", "haiku", max_input_tokens=_HAIKU_CONTEXT, max_tokens=64_000, cache_minimum_tokens=4096),
    Model("claude-opus-4-5", "opus", cache_minimum_tokens=4096),
    Model("claude-sonnet-4-5", "sonnet", "deprecated", _SONNET_45_RETIRES),
    Model("claude-mythos-preview", "mythos", "retired", "2026-06-30T00:00:00Z"),
)
# A dated id answers under its own name but is the same model.
_DATED = {
    "claude-haiku-4-5-20251001": "claude-haiku-4-5",
    "claude-opus-4-5-20251101": "claude-opus-4-5",
    "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
}

MODELS: Mapping[str, Model] = MappingProxyType({model.id: model for model in _MODELS})


def find(model_id: str) -> Model | None:
    """Return the model behind an id or dated id, or None for one that was never listed."""
    return MODELS.get(_DATED.get(model_id, model_id))


def find_callable(model_id: str) -> Model | None:
    """Return the model if calls to it still work; retired ones fail like unknown ones."""
    model = find(model_id)
    return None if model is None or model.lifecycle == "retired" else model
