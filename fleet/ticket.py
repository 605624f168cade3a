"""A ticket: what a customer wrote, normalised, whatever way it came in."""

import hashlib
import re
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from fleet import validation
from fleet.errors import InvalidTicketError

MAX_TEXT_BYTES = 64 * 1024
"""Bound on subject plus body, in UTF-8 bytes: a model call is priced by it, and the ledger keeps it in memory."""

MAX_ATTACHMENTS = 100
MAX_FIELDS = 50
MAX_SHORT = 1_000
"""Characters of a short text: a subject, a sender, a field or its name."""

_SURROGATES = re.compile("[\ud800-\udfff]")


class Source(StrEnum):
    """The way a ticket came in. A closed set, because it labels a metric."""

    MAIL = "mail"
    CHAT = "chat"
    HTTP = "http"
    FILE = "file"
    REDIS = "redis"


class Automated(StrEnum):
    """What a producer recognised as written by a machine."""

    BOUNCE = "bounce"
    """What a mail system reports: delivery failed or delayed (RFC 3464), a complaint (RFC 5965)."""
    AUTO_REPLY = "auto_reply"
    """An answer that no person wrote (RFC 3834): absence, receipt."""
    LIST = "list"
    """Mail to many: a newsletter, a mailing list that is not an address of ours."""
    LOOP = "loop"
    """Our own words coming back."""


class TicketFlag(StrEnum):
    """What a producer noticed about a message; it goes into the verdict's flags. A closed set."""

    HIDDEN_TEXT = "hidden_text"
    """The mail's HTML holds text that it hides from its reader; that text is not in the body."""
    PARTS_DIFFER = "parts_differ"
    """The plain text and the HTML of one mail say different things; the body holds both."""


def _printable(text: object) -> object:
    # Half a surrogate pair is no Unicode text: UTF-8, and so Redis and the API, cannot carry it; pydantic refuses it.
    # NUL ends a text in half of the programs that it comes to, PostgreSQL among them.
    if not isinstance(text, str):
        return text
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def at_most(most: int) -> BeforeValidator:
    """Refuse a list that is too long before its items are looked at: a million wrong ones have a million errors."""

    def check(value: object) -> object:
        if isinstance(value, (list, tuple, dict)) and len(value) > most:
            raise ValueError(f"must have at most {most:,} entries, and has {len(value):,}")
        return value

    return BeforeValidator(check)


Text = Annotated[str, BeforeValidator(_printable)]
BodyText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_BYTES), BeforeValidator(_printable)]
ShortText = Annotated[str, Field(max_length=MAX_SHORT), BeforeValidator(_printable)]
Attachments = Annotated[tuple[ShortText, ...], Field(max_length=MAX_ATTACHMENTS), at_most(MAX_ATTACHMENTS)]
Fields = Annotated[dict[ShortText, ShortText], Field(max_length=MAX_FIELDS), at_most(MAX_FIELDS)]


class Ticket(BaseModel):
    """One request for support. `received_at` is aware; `fields` are the customer's own (plan, region, …).

    `body` is what this message says itself; the message that it `forwarded`, the history that it `quoted` and its
    `signature` are kept beside it. `flags` is what a producer noticed about the message.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: f"t{secrets.token_hex(10)}", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    tenant: str = Field(default="default", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    source: Source
    subject: ShortText = ""
    body: Text
    forwarded: Text = ""
    quoted: Text = ""
    signature: Text = ""
    sender: ShortText = ""
    conversation: ShortText = ""
    received_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    attachments: Attachments = ()
    fields: Fields = Field(default_factory=dict)
    automated: Automated | None = None
    flags: tuple[TicketFlag, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _bounded(self) -> "Ticket":
        size = len(self.subject.encode()) + len(self.body.encode())
        if size > MAX_TEXT_BYTES:
            raise ValueError(f"subject and body have {size:,} bytes; at most {MAX_TEXT_BYTES:,} are taken")
        beside = sum(len(text.encode()) for text in (self.forwarded, self.quoted, self.signature))
        if beside > MAX_TEXT_BYTES:
            raise ValueError(
                f"forwarded, quoted text and signature have {beside:,} bytes; at most {MAX_TEXT_BYTES:,} are taken"
            )
        return self

    @property
    def text(self) -> str:
        """Subject and body as one text, as a person would read them."""
        return f"{self.subject}\n\n{self.body}".strip()

    def fingerprint(self) -> str:
        """Hash what the customer sent, without id and time: the same message twice gives the same value."""
        # Without defaults: a field that a later release adds must not change the hash of what was sent before.
        # What model_dump_json runs; a bulk load comes here some ten thousand times a second.
        content = self.__pydantic_serializer__.to_json(self, exclude={"id", "received_at"}, exclude_defaults=True)
        return hashlib.sha256(content).hexdigest()


def make_ticket(**values: Any) -> Ticket:
    """Build a ticket, or raise InvalidTicketError with one readable line naming each wrong field."""
    try:
        return Ticket(**values)
    except ValidationError as error:
        raise InvalidTicketError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """Say in one line what is wrong, without repeating the input (it may be private)."""
    return "; ".join(validation.explain(error, _place))


def _place(loc: tuple[int | str, ...]) -> str:
    # What follows `fields` is a name that the customer chose.
    return ".".join(str(step) for step in (loc[:1] if loc[:1] == ("fields",) else loc))
