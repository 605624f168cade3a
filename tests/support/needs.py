"""What some tests need of the machine beside Python: where it is missing, a laptop skips and CI fails."""

import os
import shutil
from collections.abc import Callable
from typing import NoReturn

import pytest

# Debian keeps servers where an ordinary user's PATH does not look.
_ALSO = ("/usr/sbin", "/sbin", "/usr/local/sbin")


def needed_binary(*names: str) -> str:
    """Find the first of these programs; without one the test skips, or fails where CI is "true"."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_ALSO])  # noqa: TID251 - not a setting: where programs are
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    return found or _missing(f"{' or '.join(names)} is not installed (tests/servers/install.sh)")


def needed_right(what: str, has: Callable[[], bool]) -> None:
    """Go on where this user may do so; else the test skips, or fails where CI is "true"."""
    if not has():
        _missing(f"not allowed here: {what}")


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":  # noqa: TID251 - not a setting: who runs the tests
        pytest.fail(reason)
    pytest.skip(reason)
