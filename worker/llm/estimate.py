"""Estimate what a call costs whose figures never came: timed out, cut off, or lost with its worker.

The provider may have answered and billed it. Learnt from the calls that did come back, so that estimates neither pass
the cap nor lock money that nobody will be asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.domain import Usage

LEARNING = 32
"""A call moves an estimate by one part in this many, and more while there were fewer."""

CAUTION = 1.03
"""Rather three in a hundred too much: a bill above the books is worse than books above the bill."""

_BYTES_PER_TOKEN = 4
_ABSURD = 1e7
_OUTPUT_SHARE = 0.2
"""A verdict takes a fifth of the output it may have, until the first ones tell better."""


@dataclass(slots=True)
class _Mean:
    value: float
    seen: int = 0

    def learn(self, value: float) -> None:
        self.seen += 1
        self.value += (value - self.value) / min(self.seen, LEARNING)


@dataclass(slots=True)
class CallEstimate:
    """What a model's calls were like. `prefix_bytes` is the stable part of every request, `most_output` its bound."""

    prefix_bytes: int
    most_output: int
    _prefix: _Mean = field(init=False)
    _per_byte: _Mean = field(init=False)
    _output: _Mean = field(init=False)
    _is_cached: bool = True
    _is_begun: bool = False

    def __post_init__(self) -> None:
        self._prefix = _Mean(self.prefix_bytes / _BYTES_PER_TOKEN)
        self._per_byte = _Mean(1 / _BYTES_PER_TOKEN)
        self._output = _Mean(self.most_output * _OUTPUT_SHARE)

    def learn(self, own_bytes: int, usage: Usage) -> None:
        """Take in a call that came back: what its ticket's part of the prompt held, and what was counted."""
        cached = usage.cache_read + usage.cache_write_5m + usage.cache_write_1h
        if cached:
            self._is_cached = True
            self._prefix.learn(cached)
            self._per_byte.learn(usage.input / max(1, own_bytes))
        else:
            self._is_cached = False
            self._per_byte.learn(usage.input / max(1, own_bytes + self.prefix_bytes))
            self._prefix.value = self.prefix_bytes * self._per_byte.value
        self._output.learn(usage.output)

    def usage(self, own_bytes: int) -> Usage:
        """Foresee the tokens of a call of this size."""
        own = round(own_bytes * self._per_byte.value * CAUTION)
        output = min(self.most_output, round(self._output.value * CAUTION))
        prefix = round(self._prefix.value)
        if not self._is_cached:
            return Usage(input=own + prefix, output=output)
        if not (
            self._prefix.seen or self._is_begun
        ):  # the first call of all writes the cache, which is dearer than all the rest of it
            return Usage(input=own, cache_write_5m=prefix, output=output)
        return Usage(input=own, cache_read=prefix, output=output)

    def begin(self, own_bytes: int) -> Usage:
        """Foresee a call that goes out now: those that go out beside the first one read what it writes."""
        found = self.usage(own_bytes)
        self._is_begun = True
        return found

    def as_record(self) -> dict[str, float]:
        """Write down what was learnt, for processes that start later."""
        means = {"prefix": self._prefix, "per_byte": self._per_byte, "output": self._output}
        return {name: mean.value for name, mean in means.items()} | {"is_cached": float(self._is_cached)}

    def restore(self, record: Mapping[str, object]) -> None:
        """Take over what another process learnt; what is no number above nothing is left alone."""
        for name, mean in (("prefix", self._prefix), ("per_byte", self._per_byte), ("output", self._output)):
            value = record.get(name)
            if isinstance(value, int | float) and 0 < value < _ABSURD:
                mean.value, mean.seen = float(value), LEARNING
        self._is_cached = bool(record.get("is_cached", self._is_cached))
