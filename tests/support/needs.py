"""Programs that some tests need beside Python: where one is missing, a laptop skips and CI fails."""

import os
import shutil

import pytest

# Debian keeps servers where an ordinary user's PATH does not look.
_ALSO = ("/usr/sbin", "/sbin", "/usr/local/sbin")


def needed_binary(*names: str) -> str:
    """Find the first of these programs; without one the test skips, or fails where CI is "true"."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_ALSO])  # noqa: TID251 - not a setting: where programs are
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    reason = f"{' or '.join(names)} is not installed (tests/servers/install.sh)"
    if os.environ.get("CI") == "true":  # noqa: TID251 - not a setting: who runs the tests
        pytest.fail(reason)
    pytest.skip(reason)
