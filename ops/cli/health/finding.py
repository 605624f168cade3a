"""What a check answers: each line is ok, or says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from fleet.errors import FleetError
from fleet.settings import Settings


class Level(StrEnum):
    """How a line of the check came out. A warning does not fail the check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    subject: str
    level: Level
    message: str


Check = Callable[[Settings], Iterator[Line]]


def ok(subject: str, message: str) -> Line:
    """All is well."""
    return Line(subject, Level.OK, message)


def warning(subject: str, message: str) -> Line:
    """It works, but somebody should know."""
    return Line(subject, Level.WARNING, message)


def failed(subject: str, message: str) -> Line:
    """It does not work; the message says what to do."""
    return Line(subject, Level.FAILED, message)


def guarded(subject: str, check: Check, settings: Settings) -> Iterator[Line]:
    """Run a check; what it raises becomes its last line, so that the other checks still run."""
    try:
        yield from check(settings)
    except FleetError as error:
        yield failed(subject, str(error))
    except Exception as error:  # noqa: BLE001 - a check that cannot be made has failed
        yield failed(subject, f"could not be checked: {type(error).__name__}: {error}")
