"""A prompt as the cache sees it: a chain of segments, some ending in a breakpoint."""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.simulator.api.request import CacheControl, CountRequest, MessageRequest, TextBlock
from ops.simulator.metering.tokens import TURN_OVERHEAD, content_text, count_tokens

TTL_SECONDS = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True)
class Segment:
    """A stretch of the prompt up to a possible breakpoint; `ttl` is None where nothing may be cached."""

    text: str
    tokens: int
    ttl: str | None


@dataclass(frozen=True)
class Breakpoint:
    """A prefix that may be cached: what identifies it, how long it is, how long it lives."""

    prefix: int
    tokens: int
    ttl: str


def measure(request: MessageRequest | CountRequest) -> tuple[int, list[Breakpoint]]:
    """Return the tokens of the whole prompt and its breakpoints, shortest prefix first."""
    total, prefix, found = 0, 0, []
    segments = list(_segments(request))
    automatic = request.cache_control
    for place, segment in enumerate(segments):
        total += segment.tokens
        prefix = hash((prefix, segment.text))
        last = automatic if place == len(segments) - 1 else None
        ttl = segment.ttl or (last.ttl if last else None)
        if ttl is not None:
            found.append(Breakpoint(prefix, total, ttl))
    return total, found


def _segments(request: MessageRequest | CountRequest) -> Iterator[Segment]:
    if request.output_config and request.output_config.format:
        yield _segment(repr(request.output_config.format.schema_), None)
    if isinstance(request.system, str):
        if request.system:
            yield _segment(request.system, None)
    else:
        for block in request.system:
            yield _segment(block.text, block.cache_control)
    for turn in request.messages:
        if isinstance(turn.content, str):
            yield _segment(turn.content, None, TURN_OVERHEAD, turn.role)
            continue
        for part in turn.content:
            control = part.cache_control if isinstance(part, TextBlock) else None
            yield _segment(content_text([part]), control, TURN_OVERHEAD, turn.role)


def _segment(text: str, control: CacheControl | None, overhead: int = 0, role: str = "") -> Segment:
    return Segment(role + text, count_tokens(text) + overhead, control.ttl if control else None)
