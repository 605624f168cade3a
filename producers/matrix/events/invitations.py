"""Whose invitation is followed."""

from collections.abc import Sequence
from typing import Any


def inviter(invite_state: Sequence[Any], me: str) -> str:
    """Who asks us in; an empty text where that cannot be seen."""
    for event in invite_state:
        source = event.source
        if source.get("type") == "m.room.member" and source.get("state_key") == me:
            return str(source["sender"])
    return ""


def is_wanted(room: str, asked_by: str, allowed: Sequence[str], read_rooms: frozenset[str] | None) -> bool:
    """Whether to join: the room or its inviter's server is in `allowed`, and the room would be read."""
    if read_rooms is not None and room not in read_rooms:
        return False
    _, _, server = asked_by.partition(":")
    return room in allowed or server in allowed
