"""The `anthropic-ratelimit-*` headers that every answer carries."""

from datetime import UTC, datetime
from functools import lru_cache

from ops.simulator.metering.bucket import Bucket
from ops.simulator.metering.limits import Gate

THOUSAND = 1000
FAR_S = 86_400.0  # a bucket that never refills resets "tomorrow"


def limit_headers(gate: Gate, now: float, wall: float) -> dict[str, str]:
    """Return limit, remaining and reset of each bucket; tokens are rounded to thousands.

    `tokens` is the sum of input and output. `now` is the buckets' clock, `wall` the Unix time of the resets.
    """
    requests, into, out = gate.requests, gate.input, gate.output
    in_limit, out_limit = int(into.rate.per_minute), int(out.rate.per_minute)
    in_left, out_left = _thousands(into, now), _thousands(out, now)
    in_reset, out_reset = _reset(into, now, wall), _reset(out, now, wall)
    return {
        "anthropic-ratelimit-requests-limit": str(int(requests.rate.per_minute)),
        "anthropic-ratelimit-requests-remaining": str(max(0, int(requests.level(now)))),
        "anthropic-ratelimit-requests-reset": _reset(requests, now, wall),
        "anthropic-ratelimit-tokens-limit": str(in_limit + out_limit),
        "anthropic-ratelimit-tokens-remaining": str(in_left + out_left),
        "anthropic-ratelimit-tokens-reset": max(in_reset, out_reset),
        "anthropic-ratelimit-input-tokens-limit": str(in_limit),
        "anthropic-ratelimit-input-tokens-remaining": str(in_left),
        "anthropic-ratelimit-input-tokens-reset": in_reset,
        "anthropic-ratelimit-output-tokens-limit": str(out_limit),
        "anthropic-ratelimit-output-tokens-remaining": str(out_left),
        "anthropic-ratelimit-output-tokens-reset": out_reset,
    }


def _thousands(bucket: Bucket, now: float) -> int:
    return max(0, round(bucket.level(now) / THOUSAND)) * THOUSAND


def _reset(bucket: Bucket, now: float, wall: float) -> str:
    return _rfc3339(int(wall + min(bucket.full_in_s(now), FAR_S) + 0.999))


@lru_cache(maxsize=1024)
def _rfc3339(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
