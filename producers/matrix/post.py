"""A message of a chat, as far as bursts have to know it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Post:
    """What somebody wrote in a place of a chat platform."""

    platform: str
    place: str
    author: str
    message_id: str
    text: str
    at: datetime
    attachments: tuple[str, ...] = ()
    thread: str = ""
