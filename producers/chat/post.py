"""A message of a chat, whatever the platform."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self

from fleet.ledger.decoding import as_object


@dataclass(frozen=True, slots=True)
class Post:
    """What a person wrote. `place` is the channel or room, `message_id` unique within it, `at` aware."""

    platform: str
    place: str
    author: str
    message_id: str
    text: str
    at: datetime
    attachments: tuple[str, ...] = ()
    thread: str = ""

    @property
    def line(self) -> str:
        """Name the line of talk that it belongs to: one person in one conversation."""
        return digest(self.platform, self.place, self.thread, self.author)

    @property
    def name(self) -> str:
        """Name the message."""
        return message_name(self.platform, self.place, self.message_id)

    @property
    def size_bytes(self) -> int:
        """What it adds to a ticket's text."""
        return len(self.text.encode("utf-8", "replace")) + 1

    def dump(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()})

    @classmethod
    def load(cls, raw: bytes) -> Self:
        """Read what `dump` wrote in whatever release: one odd message must not hold back the bursts beside it."""
        said = as_object(raw) or {}
        values: dict[str, Any] = {field.name: _text(said.get(field.name)) for field in fields(cls)}
        names = said.get("attachments")
        values["attachments"] = tuple(map(str, names)) if isinstance(names, list) else ()
        values["at"] = _time(values["at"])
        return cls(**values)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def message_name(platform: str, place: str, message_id: str) -> str:
    """Name a message by where it is and what its platform calls it."""
    return digest(platform, place, message_id)


def digest(*parts: str) -> str:
    """Make a key of bounded length out of names that others chose."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]
