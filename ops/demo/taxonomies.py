"""The default taxonomy with another threshold, as a file for child processes."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import FleetError
from fleet.taxonomy import DEFAULT_FILE

FITTED_TO_SIMULATOR = 0.40
"""The simulator's small brain is honest and weak: of its verdicts at 0.6 eight in ten are right, and few reach it.
On the bundled tickets 0.40 escalates one in five at the accuracy of 0.60, which escalates two in five."""

_LINE = re.compile(r"^small_confidence = .*$", re.MULTILINE)


@contextmanager
def default_taxonomy(*, small_confidence: float) -> Iterator[Path]:
    """Write the default taxonomy with this threshold; the file is gone after the block."""
    text, changed = _LINE.subn(f"small_confidence = {small_confidence}", DEFAULT_FILE.read_text("utf-8"))
    if changed != 1:
        raise FleetError(f"{DEFAULT_FILE.name} has {changed} lines that begin with small_confidence; one was expected")
    with tempfile.TemporaryDirectory(prefix="triage-") as folder:
        file = Path(folder) / "taxonomy.toml"
        file.write_text(text, "utf-8")
        yield file
