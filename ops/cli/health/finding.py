"""What a check answers: each line is ok, or says what is wrong and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fleet.errors import ConfigurationError, FleetError
from fleet.redaction import redacted
from fleet.settings import Settings


class Level(StrEnum):
    """How a line of the check came out. A warning does not fail the check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `id` is stable, for programs; `remedy` says what to do, where that is known.

    `is_configuration`: the environment or a file is wrong, not a server.
    """

    id: str
    level: Level
    message: str
    remedy: str = ""
    is_configuration: bool = False

    @property
    def subject(self) -> str:
        """What was looked at: the part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def text(self) -> str:
        """Message and remedy as one sentence, without any secret."""
        return redacted(f"{self.message}: {self.remedy}" if self.remedy else self.message)

    def as_record(self) -> dict[str, Any]:
        """The line for a program: `message` as a person reads it, `remedy` again by itself."""
        return {
            "id": self.id,
            "subject": self.subject,
            "level": self.level,
            "message": self.text,
            "remedy": redacted(self.remedy),
        }


Check = Callable[[Settings], Iterator[Line]]


def ok(name: str, message: str) -> Line:
    """All is well."""
    return Line(name, Level.OK, message)


def warning(name: str, message: str, remedy: str = "") -> Line:
    """It works, but somebody should know."""
    return Line(name, Level.WARNING, message, remedy)


def failed(name: str, message: str, remedy: str = "") -> Line:
    """It does not work."""
    return Line(name, Level.FAILED, message, remedy)


def wrong(name: str, message: str, remedy: str = "") -> Line:
    """A variable or a file is wrong; no server has to be asked to know that."""
    return Line(name, Level.FAILED, message, remedy, is_configuration=True)


def guarded(subject: str, check: Check, settings: Settings) -> Iterator[Line]:
    """Run a check; what it raises becomes its last lines, so that the other checks still run."""
    try:
        yield from check(settings)
    except ConfigurationError as error:
        for message in str(error).splitlines():
            yield wrong(f"{subject}.configuration", message)
    except FleetError as error:
        yield failed(f"{subject}.error", str(error))
    except Exception as error:  # noqa: BLE001 - a check that cannot be made has failed
        yield failed(f"{subject}.error", f"could not be checked: {type(error).__name__}: {error}")
