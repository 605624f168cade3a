"""Results go to standard output, everything else to standard error."""

import json
import sys
from typing import Any

from fleet.redaction import redacted


def say(text: str) -> None:
    """Tell a person something that is no result."""
    print(redacted(text), file=sys.stderr, flush=True)


def print_json(value: Any, *, is_line: bool = False) -> None:
    """Print one JSON object: over several lines for a command's only one, on one line where more follow."""
    print(json.dumps(value, indent=None if is_line else 2), flush=True)


def is_watched() -> bool:
    """Whether a person looks at standard error as it comes."""
    return sys.stderr.isatty()
