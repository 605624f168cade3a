"""A token's limit, shared by all processes: one script call, on the server's own clock."""

import hashlib
from functools import cache
from pathlib import Path

from fleet.ledger import scripts
from fleet.ledger.transitions import Transition
from producers.api.tokens import Token


def take(token: Token, number: int) -> Transition[float]:
    """Count tickets against a token's limit; answers the seconds to wait, 0 where they were within it."""
    name, text = _script()
    args = (token.name, token.per_minute, number)
    return Transition(name, args, lambda raw: raw[0] / 1000, text)


@cache
def _script() -> tuple[str, str]:
    text = scripts.prelude() + (Path(__file__).parent / "scripts" / "take.lua").read_text("utf-8")
    return f"http.take.{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}", text
