"""Checks of the environment itself: names that nobody knows, wrong values, and what is probably not meant."""

from collections.abc import Callable, Iterator

from pydantic import BaseModel

from fleet.doubts import bare_addresses, doubts
from fleet.errors import ConfigurationError
from fleet.settings import Settings, ensure_known, is_prefix_used, load_group, load_settings
from ops.cli.health.finding import Line, ok, warning, wrong
from producers.groups import GROUPS

_UNKNOWN = "no setting has this name"


def read_settings() -> tuple[Settings | None, list[Line]]:
    """Read the settings; where anything is wrong there are none, but a line for each problem."""
    problems = [*_problems(lambda: ensure_known(GROUPS)), *_problems(load_settings)]
    if problems:
        return None, [_line(problem) for problem in dict.fromkeys(problems)]
    return load_settings(), []


def check_settings(settings: Settings) -> Iterator[Line]:
    """Say what is doubtful about settings that can be read, the producers' own included."""
    said = [warning("settings.doubt", doubt) for doubt in doubts(settings)]
    for prefix, load in GROUPS.items():
        if is_prefix_used(prefix):
            said += _of_a_producer(prefix, load)
    yield from said or [ok("settings", "every TRIAGE_ name is known, every value within its range")]


def _of_a_producer(prefix: str, load: Callable[[], type[BaseModel]]) -> Iterator[Line]:
    try:
        group = load_group(load(), prefix)
    except ConfigurationError as error:
        # Only a warning: a machine may know a part of them and run other roles.
        for problem in str(error).splitlines():
            yield warning("settings.producer", problem, "a producer that reads it would not start")
        return
    for doubt in bare_addresses(group, prefix):
        yield warning("settings.doubt", doubt)


def _problems(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


def _line(problem: str) -> Line:
    return wrong("settings.unknown" if _UNKNOWN in problem else "settings.wrong", problem)
