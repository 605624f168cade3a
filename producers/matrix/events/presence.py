"""Which of a room's events are ours to read: those from an invitation or joining on, until we had to leave."""

from typing import Any

_IN = ("invite", "join")


def while_present(events: list[Any], me: str) -> list[Any]:
    """Leave out what was said before we were asked in and after we were out; `events` are the oldest first.

    A room that is new to us comes with its history, which nobody wrote to us.
    """
    changes = [event for event in events if _is_about(event, me)]
    present = not changes or _was(changes[0]) in _IN
    kept = []
    for event in events:
        if _is_about(event, me):
            present = event.source["content"].get("membership") in _IN
        elif present:
            kept.append(event)
    return kept


def _is_about(event: Any, me: str) -> bool:
    source = event.source
    return bool(source.get("type") == "m.room.member" and source.get("state_key") == me)


def _was(event: Any) -> Any:
    before = event.source.get("unsigned", {}).get("prev_content")
    return before.get("membership") if isinstance(before, dict) else None
