"""The Lua scripts of bursts: keys that start with tf:burst: (_keys.lua lists them) are changed by these alone."""

import hashlib
from functools import cache
from pathlib import Path

from fleet.ledger import scripts

_FOLDER = Path(__file__).parent


def script(name: str) -> tuple[str, str]:
    """Answer a script's name for the runner, which no other text has, and its text."""
    text = scripts.prelude() + _own(name)
    return f"chat.{name}.{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}", text


@cache
def _own(name: str) -> str:
    return "".join((_FOLDER / f"{part}.lua").read_text("utf-8") for part in ("_keys", name))
