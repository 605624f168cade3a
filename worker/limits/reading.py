"""What the limiter's books say of a model now: what may still be sent, and whether calls go out at all. Reads only."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import redis

from fleet.ledger.together import Command, read_together
from worker.limits.permits import RESOURCES, HoldReason, Refusal
from worker.limits.rules import (
    BURST_MS,
    LONGEST_HOLD_MS,
    LONGEST_PAUSE_MS,
    LONGEST_PROBE_MS,
    MINUTE_MS,
    PACE,
    LimitsFile,
    paced,
)

# As `scripts/_state.lua` packs them; what comes after is the limiter's own.
_LEVELS = struct.Struct("<7d")
_BREAKER = struct.Struct("<3d")
_TRUST = struct.Struct("<4d")
_KINDS = (Refusal.PAUSED, Refusal.HELD, Refusal.BREAKER)
_UNKNOWN = 1e15


@dataclass(frozen=True, slots=True)
class Levels:
    """What a model's buckets held at a time, and the provider's rates per ms where its headers showed any."""

    at_ms: float
    left: tuple[float, float, float]
    shown_per_ms: tuple[float | None, float | None, float | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why calls of a model were stopped, until when, and until when a probe that is out may be trusted to come back."""

    kind: Refusal
    until_ms: float
    probe_until_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """One limit of a model. `told` stands in our limits file, `shown` in the provider's headers when last seen.

    `level` of at most `capacity` is left now; below zero calls stand in line.
    """

    resource: str
    told_per_minute: float
    shown_per_minute: float | None
    level: float
    capacity: float

    @property
    def per_minute(self) -> float:
        """The limit in force: the smaller of the two."""
        return (
            self.told_per_minute if self.shown_per_minute is None else min(self.told_per_minute, self.shown_per_minute)
        )

    @property
    def share_left(self) -> float:
        """How full the bucket is, from 0 to 1."""
        return min(1.0, max(0.0, self.level / self.capacity))

    @property
    def wait_s(self) -> float:
        """How long the last in line waits for this bucket."""
        return max(0.0, -self.level) / paced(self.per_minute) / 1000


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model now. `stop` is why calls were stopped, None where they go out."""

    model: str
    buckets: tuple[Bucket, ...]
    stop: Refusal | None = None
    stop_left_s: float = 0.0
    is_probing: bool = False
    held_for: HoldReason | None = None
    held_s: float = 0.0
    suspects: int = 0
    """Tickets refused of late of which nobody knows yet whether the refusal is their own fault."""

    @property
    def is_stopped(self) -> bool:
        """Whether calls are held back now.

        A pause that has run out waits for nothing but the next ticket; what is held for a person stays so until a probe
        went well; and while a probe is out, nobody knows better yet.
        """
        if self.stop is None:
            return False
        return self.stop_left_s > 0 or self.is_probing or self.stop is Refusal.HELD or self.held_for is not None


def read_models(client: redis.Redis, limits: LimitsFile, models: Sequence[str]) -> list[ModelState]:
    """Read each model's state in one round trip; one that was never called has full buckets."""
    wishes: list[Command] = [("TIME",)]
    for model in models:
        wishes += [("HMGET", f"tf:lim:{model}", "levels", "breaker", "trust"), ("HLEN", f"tf:lim:r:{model}")]
    (seconds, micros), *found = read_together(client, *wishes)
    now_ms = int(seconds) * 1000 + int(micros) // 1000
    return [
        replace(
            judge(model, limits, _levels(levels), _stop(breaker), now_ms=now_ms),
            **_hold(trust, now_ms),
            suspects=suspects,
        )
        for model, (levels, breaker, trust), suspects in zip(models, found[::2], found[1::2], strict=True)
    ]


def judge(model: str, limits: LimitsFile, levels: Levels | None, stop: Stop | None, *, now_ms: float) -> ModelState:
    """Bring a model's books to this moment: the arithmetic of `scripts/_state.lua`, without taking anything."""
    told = limits.of(model).per_minute
    buckets = tuple(
        _bucket(i, resource, per_minute, levels, now_ms)
        for i, (resource, per_minute) in enumerate(zip(RESOURCES, told, strict=True))
    )
    if stop is None:
        return ModelState(model, buckets)
    # Further ahead than any pause they stand only because the clock was put back; the script believes them no more.
    left_ms, probe_ms = stop.until_ms - now_ms, stop.probe_until_ms - now_ms
    longest_ms = LONGEST_HOLD_MS if stop.kind is Refusal.HELD else LONGEST_PAUSE_MS
    left_s = left_ms / 1000 if 0 < left_ms <= longest_ms else 0.0
    return ModelState(model, buckets, stop.kind, left_s, is_probing=0 < probe_ms <= LONGEST_PROBE_MS)


def _bucket(i: int, resource: str, told: float, levels: Levels | None, now_ms: float) -> Bucket:
    shown_rate = levels.shown_per_ms[i] if levels else None
    rate = paced(told) if shown_rate is None else min(paced(told), shown_rate)
    capacity = max(rate * BURST_MS, 1.0)
    level = levels.left[i] + max(0.0, now_ms - levels.at_ms) * rate if levels else capacity
    # The books keep the rate that is worked at; people know the limit it was made from.
    shown = None if shown_rate is None else round(shown_rate * MINUTE_MS / PACE, 3)
    return Bucket(resource, told, shown, min(capacity, level), capacity)


def _levels(packed: bytes | None) -> Levels | None:
    if packed is None or len(packed) < _LEVELS.size:
        return None
    at, l1, l2, l3, *shown = _LEVELS.unpack_from(packed)
    r1, r2, r3 = (rate if 0 < rate < _UNKNOWN else None for rate in cast("list[float]", shown))
    return Levels(at, (l1, l2, l3), (r1, r2, r3))


def _hold(packed: bytes | None, now_ms: float) -> dict[str, Any]:
    """Read why a model is held and for how long it has been, where it is."""
    if packed is None or len(packed) < _TRUST.size:
        return {}
    _, _, index, since = _TRUST.unpack_from(packed)
    if not index:
        return {}
    reasons = tuple(HoldReason)
    # A reason that only a later release knows is a refusal all the same.
    reason = reasons[int(index) - 1] if 0 < index <= len(reasons) else HoldReason.REFUSED
    return {"held_for": reason, "held_s": max(0.0, now_ms - since) / 1000}


def _stop(packed: bytes | None) -> Stop | None:
    if packed is None or len(packed) < _BREAKER.size:
        return None
    until, kind, probe = _BREAKER.unpack_from(packed)
    known = _KINDS[int(kind) - 1] if 0 < kind <= len(_KINDS) else Refusal.BREAKER
    return Stop(known, until, probe) if until > 0 else None
