"""What could not be made a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row or message that is left out; `line` counts from 1, and the reason never repeats the content."""

    line: int
    reason: str
