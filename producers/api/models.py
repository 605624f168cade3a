"""What clients send and get, as the OpenAPI document shows it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, model_validator

from fleet.lanes import Lane
from fleet.ticket import MAX_TEXT_BYTES, Attachments, BodyText, Fields, ShortText, Source, Ticket, at_most
from producers.json_models import NULL_VALUES_ARE_ABSENT, NullIsAbsent

MAX_BATCH = 500
TICKET_ID = r"^[A-Za-z0-9._-]{1,64}$"
NEW_ID = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"
"""Without a dot in front: `/v1/tickets/..` is another address."""

EXAMPLE: dict[str, Any] = {
    "text": "I was charged twice and need this fixed today!",
    "subject": "Invoice",
    "sender": "ann@example.com",
}


class NewTicket(NullIsAbsent):
    """One request for support. `text` is what the customer wrote; the rest is optional."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    id: Annotated[str | None, Field(pattern=NEW_ID, description="your own id for it; a fresh one without")] = None
    text: BodyText
    subject: ShortText = ""
    sender: ShortText = ""
    conversation: Annotated[ShortText, Field(description="what it belongs to, so that answers stay together")] = ""
    received_at: Annotated[AwareDatetime | None, Field(strict=True, description="with a time zone; now without")] = None
    attachments: Annotated[Attachments, Field(description="names only")] = ()
    fields: Annotated[
        Fields, Field(description="facts about the customer: plan, region, …"), NULL_VALUES_ARE_ABSENT
    ] = Field(default_factory=dict)
    lane: Annotated[Lane, Field(description="urgent needs the scope tickets:urgent")] = Lane.NORMAL

    @model_validator(mode="after")
    def _fits(self) -> "NewTicket":
        size = len(self.text.encode()) + len(self.subject.encode())
        if size > MAX_TEXT_BYTES:
            raise ValueError(f"subject and text have {size:,} bytes; at most {MAX_TEXT_BYTES:,} are taken")
        return self

    def to_ticket(self, tenant: str) -> Ticket:
        """Make the ticket."""
        values: dict[str, Any] = {"id": self.id, "received_at": self.received_at}
        given = {name: value for name, value in values.items() if value is not None}
        return Ticket(
            tenant=tenant,
            source=Source.HTTP,
            subject=self.subject,
            body=self.text,
            sender=self.sender,
            conversation=self.conversation,
            attachments=self.attachments,
            fields=self.fields,
            **given,
        )


class Batch(BaseModel):
    """Several tickets in one request; each is accepted or not on its own."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"tickets": [EXAMPLE]}]})

    tickets: Annotated[list[NewTicket], Field(min_length=1, max_length=MAX_BATCH), at_most(MAX_BATCH)]


def _form(value: object) -> str:
    return "batch" if isinstance(value, Mapping) and "tickets" in value else "one"


Submission = Annotated[Annotated[NewTicket, Tag("one")] | Annotated[Batch, Tag("batch")], Discriminator(_form)]
SUBMISSION: TypeAdapter[NewTicket | Batch] = TypeAdapter(Submission)


class Receipt(BaseModel):
    """The ledger holds the ticket: by this request, or by an earlier one under the same key."""

    id: str
    status: Literal["accepted", "duplicate"]


class Result(BaseModel):
    """What became of one ticket of a batch. `full`: not accepted, send it again; `conflict`: its key is taken."""

    status: Literal["accepted", "duplicate", "conflict", "full"]
    id: str | None = None


class Results(BaseModel):
    """One result for each ticket of a batch, in the order in which they were sent."""

    results: list[Result]


class VerdictAnswer(BaseModel):
    """The decision about a ticket."""

    category: str
    urgency: str
    needs_human: bool
    confidence: float
    reason: str
    language: str
    decided_by: str


class TicketAnswer(BaseModel):
    """Where a ticket stands; never what the customer wrote. `parked`: a person has to look at it."""

    id: str
    status: Literal["waiting", "running", "triaged", "parked", "discarded"]
    lane: Lane
    accepted_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    parked_for: str | None = None
    attempts: int
    cost_usd: float
    verdict: VerdictAnswer | None = None
