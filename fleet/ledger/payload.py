"""A ticket as the ledger keeps it: written for the oldest release that can read it, read whatever release wrote it.

Strict at the door (`fleet.ticket`), tolerant here: releases one apart work side by side (docs/decisions/0011).
"""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError, ValidatorFunctionWrapHandler, field_validator
from pydantic_core.core_schema import ValidationInfo

from fleet.errors import InvalidTicketError, SchemaTooNewError
from fleet.ticket import Automated, Source, Text, Ticket, TicketFlag, explain

TICKET_SCHEMA = 2
"""The newest schema of a ticket that this release can read; claims name it."""

_SINCE = {"forwarded": 2, "flags": 2}
"""Fields by the schema that brought them. Releases of schema 1 refuse a payload with a name that they do not know."""


def schema_of(ticket: Ticket) -> int:
    """Name the lowest schema that can read this ticket: most tickets use nothing new, and any worker may have them."""
    return max((since for name, since in _SINCE.items() if getattr(ticket, name)), default=1)


def write_payload(ticket: Ticket) -> str:
    """Write a ticket as JSON, without the newer fields that say nothing."""
    unused = {name for name in _SINCE if not getattr(ticket, name)}
    # What model_dump_json runs; a bulk load comes here some ten thousand times a second.
    return ticket.__pydantic_serializer__.to_json(ticket, exclude=unused).decode()


def read_payload(raw: str, *, ticket_id: str, accepted_ms: int) -> Ticket:
    """Read a ticket back; what another release wrote is taken as far as this one understands it.

    Raises SchemaTooNewError where a newer release must have written it, and InvalidTicketError where nobody can have.
    """
    try:
        ticket = Ticket.model_validate_json(raw)
    except ValidationError as error:
        ticket = _read_tolerantly(raw, error)
    # Keys and deliveries hang on the id: a default made up at each reading would make a second page of a retry.
    missing: dict[str, Any] = {"id": ticket_id} if ticket.id != ticket_id else {}
    if "received_at" not in ticket.model_fields_set:
        missing["received_at"] = datetime.fromtimestamp(accepted_ms / 1000, UTC)
    return ticket.model_copy(update=missing) if missing else ticket


_FLAGS = [flag.value for flag in TicketFlag]
_SOURCES = [source.value for source in Source]


class _Stored(BaseModel):
    """The fields of a Ticket without its bounds: the door that took it in may have had others."""

    id: str = ""
    tenant: str = "default"
    source: Source
    subject: Text = ""
    body: Text
    forwarded: Text = ""
    quoted: Text = ""
    signature: Text = ""
    sender: Text = ""
    conversation: Text = ""
    received_at: AwareDatetime | None = None
    attachments: tuple[Text, ...] = ()
    fields: dict[Text, Text] = {}
    automated: Automated | None = None
    flags: tuple[TicketFlag, ...] = ()

    @field_validator("flags", mode="before")
    @classmethod
    def _known(cls, flags: Any) -> Any:
        return [flag for flag in flags if flag in _FLAGS] if isinstance(flags, list) else ()

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        """Leave out what cannot be read, unless there would be no ticket without it."""
        field = cls.model_fields[str(info.field_name)]
        try:
            return read(value)
        except ValidationError:
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


def _read_tolerantly(raw: str, refused: ValidationError) -> Ticket:
    try:
        values = json.loads(raw)
    except ValueError:
        raise InvalidTicketError(explain(refused)) from None
    try:
        stored = _Stored.model_validate(values)
    except ValidationError as error:
        if _is_of_newer_release(values):
            raise SchemaTooNewError(f"another release wrote this ticket: {explain(error)}") from None
        raise InvalidTicketError(explain(error)) from None
    read = {name: getattr(stored, name) for name in stored.model_fields_set}
    return Ticket.model_construct(**{name: value for name, value in read.items() if value is not None})


def _is_of_newer_release(values: Any) -> bool:
    """Whether something in it has a name that this release does not know: a field, or a source."""
    if not isinstance(values, dict):
        return False
    is_source_new = isinstance(values.get("source"), str) and values["source"] not in _SOURCES
    return is_source_new or not values.keys() <= Ticket.model_fields.keys()
