"""The provider's limits of one model: requests, uncached input tokens, output tokens."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ops.simulator.api.errors import ApiError
from ops.simulator.metering.bucket import MINUTE_S, Bucket, Rate

NEVER_RETRY_AFTER_S = 60  # what is answered to a request larger than its bucket, which waiting cannot help


@dataclass(frozen=True)
class ModelLimits:
    """Limits per minute; `burst_s` is how many seconds' worth may come at once."""

    requests_per_minute: float = 4_000
    input_tokens_per_minute: float = 4_000_000
    output_tokens_per_minute: float = 800_000
    burst_s: float = MINUTE_S


@dataclass(frozen=True)
class Limits:
    """Limits for every model; `unlimited` switches them off."""

    default: ModelLimits = field(default_factory=ModelLimits)
    models: Mapping[str, ModelLimits] = field(default_factory=dict)
    unlimited: bool = False

    def of(self, model: str) -> ModelLimits:
        """Return the limits of a model."""
        return self.models.get(model, self.default)

    def without_limits(self) -> "Limits":
        """Return the same with limits switched off."""
        return replace(self, unlimited=True)


class Gate:
    """Lets calls to one model in, or says when to come back."""

    def __init__(self, limits: ModelLimits, now: float) -> None:
        burst = limits.burst_s
        self.requests = Bucket(Rate(limits.requests_per_minute, burst), now)
        self.input = Bucket(Rate(limits.input_tokens_per_minute, burst), now)
        self.output = Bucket(Rate(limits.output_tokens_per_minute, burst), now)

    def admit(self, input_tokens: int, now: float) -> None:
        """Take a request and its uncached input, or raise 429; an empty output bucket refuses too."""
        waits = {
            "requests": self.requests.wait_s(1, now),
            "input tokens": self.input.wait_s(input_tokens, now),
            "output tokens": self.output.wait_s(1, now),
        }
        what, wait_s = max(waits.items(), key=lambda item: item[1])
        if wait_s > 0:
            raise _refusal(what, wait_s)
        self.requests.take(1, now)
        self.input.take(input_tokens, now)

    def produced(self, output_tokens: int, now: float) -> None:
        """Take the output of an answered call."""
        self.output.take(output_tokens, now)


def _refusal(what: str, wait_s: float) -> ApiError:
    retry_after = NEVER_RETRY_AFTER_S if math.isinf(wait_s) else max(1, math.ceil(wait_s))
    message = f"This request would exceed your organization's rate limit of {what} per minute"
    return ApiError(429, message, headers={"retry-after": str(retry_after)})
