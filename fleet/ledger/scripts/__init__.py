"""The Lua scripts of the ledger, one transition a file, each behind the shared prelude."""

from functools import cache
from pathlib import Path

SCHEMA = 1
"""Version of the keys and hints that this release writes. Tickets have one each: `fleet.ledger.payload`."""

_FOLDER = Path(__file__).parent


@cache
def source(name: str) -> str:
    """Read one script, prelude included. One that declares flags writes nothing, and has no use for the prelude."""
    text = (_FOLDER / f"{name}.lua").read_text("utf-8")
    return text if text.startswith("#!lua") else prelude() + text


@cache
def prelude() -> str:
    """Read what stands before each script: the server's clock and the ledger's ways; others' scripts may use it."""
    return (_FOLDER / "_prelude.lua").read_text("utf-8")
