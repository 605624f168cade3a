"""A chat message as JSON: created, edited or deleted."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter

from fleet.ticket import MAX_ATTACHMENTS, at_most
from producers.chat.post import Post
from producers.json_models import NullIsAbsent

PLATFORM = "webhook"
_SHORT, _LONG = 1_000, 1_000_000

Id = Annotated[str, Field(min_length=1, max_length=_SHORT)]
Name = Annotated[str, Field(max_length=_SHORT)]
Text = Annotated[str, Field(max_length=_LONG)]


class Kind(StrEnum):
    """What happened to a message."""

    CREATED = "message.created"
    EDITED = "message.edited"
    DELETED = "message.deleted"


class _Lenient(NullIsAbsent):
    """Senders may say more than we ask."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class File(_Lenient):
    """An attachment, of which the name is all that counts."""

    name: Name


class Message(_Lenient):
    """Names a message; `id` is unique within its conversation."""

    id: Id
    conversation: Id


class Said(Message):
    """A message that somebody wrote. `sent_at` needs a time zone; the subject, if any, is its first line."""

    author: Name = ""
    subject: Name = ""
    text: Text = ""
    sent_at: AwareDatetime | None = None
    is_bot: bool = False
    attachments: Annotated[list[Name | File], Field(max_length=MAX_ATTACHMENTS), at_most(MAX_ATTACHMENTS)] = Field(
        default_factory=list
    )


class Created(_Lenient):
    """A new message."""

    type: Literal[Kind.CREATED]
    data: Said


class Edited(_Lenient):
    """A message as it reads now."""

    type: Literal[Kind.EDITED]
    data: Said


class Deleted(_Lenient):
    """A message that its author took back."""

    type: Literal[Kind.DELETED]
    data: Message


Event = Annotated[Created | Edited | Deleted, Field(discriminator="type")]
EVENT: TypeAdapter[Created | Edited | Deleted] = TypeAdapter(Event)


def text_of(said: Said) -> str:
    """Subject and text as one."""
    return f"{said.subject}\n{said.text}".strip()


def to_post(said: Said, now: datetime) -> Post:
    """Make the post of a message; a time that is missing or lies in the future becomes now."""
    at = said.sent_at
    return Post(
        platform=PLATFORM,
        place=said.conversation,
        author=said.author,
        message_id=said.id,
        text=text_of(said),
        at=now if at is None or at > now + timedelta(days=1) else at.astimezone(UTC),
        attachments=tuple(item if isinstance(item, str) else item.name for item in said.attachments),
    )
