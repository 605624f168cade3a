"""What a homeserver answers, without events that have no event's form: nio's parser raises on those, for good."""

from typing import Any


def without_broken_events(body: Any) -> dict[Any, Any]:
    """Keep what has the form of an event, and nothing that was sent to devices; changes `body`, and answers it."""
    if not isinstance(body, dict):
        return {}
    for unused in ("to_device", "presence", "account_data"):
        body.pop(unused, None)
    _clean(body, "chunk", _is_event)
    rooms = body.get("rooms")
    if isinstance(rooms, dict):
        for room in (*_dicts(rooms.get("join")), *_dicts(rooms.get("leave"))):
            _clean(room.get("timeline"), "events", _is_event)
            _clean(room.get("state"), "events", _is_event)
        for room in _dicts(rooms.get("invite")):
            _clean(room.get("invite_state"), "events", _is_stripped)
    return body


def _clean(holder: Any, name: str, is_sound: Any) -> None:
    if isinstance(holder, dict) and isinstance(holder.get(name), list):
        holder[name] = [event for event in holder[name] if is_sound(event)]


def _dicts(rooms: Any) -> list[Any]:
    return [room for room in rooms.values() if isinstance(room, dict)] if isinstance(rooms, dict) else []


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    return (
        isinstance(event.get("origin_server_ts"), int)
        and isinstance(event.get("content"), dict)
        and isinstance(event.get("unsigned", {}), dict)
        and all(isinstance(event.get(name), str) for name in ("event_id", "sender", "type"))
    )


def _is_stripped(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("content"), dict)
        and all(isinstance(event.get(name), str) for name in ("sender", "type", "state_key"))
    )
