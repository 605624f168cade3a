"""Which column of a table is which field of a ticket: what was asked for, and guesses for the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FIELDS = ("id", "subject", "body", "sender", "conversation", "received_at", "tenant")

_USUAL: dict[str, tuple[str, ...]] = {
    "body": (
        *(
            "body",
            "text",
            "descriptiontext",
            "description",
            "message",
            "content",
            "details",
            "detail",
            "comment",
            "question",
            "request",
        ),
        *("ticketdescription", "ticketbody", "ticketdetails", "issuedescription", "requestdescription", "messagebody"),
        *("messagetext", "emailbody", "plaintext", "plaintextbody", "firstmessage", "firstcomment", "customermessage"),
        *("problem", "problemdescription", "requestdetails", "inquiry", "enquiry", "comments", "feedback", "utterance"),
        *("beschreibung", "nachricht", "inhalt", "descripcion", "mensaje", "messageclient", "descricao", "mensagem"),
    ),
    "subject": (
        *("subject", "summary", "title", "shortdescription", "ticketsubject", "tickettitle", "issuesummary", "topic"),
        *(
            "headline",
            "ticketname",
            "emailsubject",
            "betreff",
            "titel",
            "asunto",
            "titulo",
            "objet",
            "sujet",
            "assunto",
        ),
    ),
    "id": (
        *("id", "ticketid", "key", "issuekey", "number", "ticketnumber", "ticketno", "casenumber", "caseid", "issueid"),
        *("incidentnumber", "incidentid", "requestid", "displayid", "externalid", "messageid", "reference", "ticket"),
        *("ticketkey", "rowid", "uid", "uuid", "guid", "nummer", "ticketnummer", "numero"),
    ),
    "sender": (
        *("sender", "from", "fromemail", "fromaddress", "requesteremail", "requester", "reporter", "reporteremail"),
        *("customeremail", "contactemail", "contact", "email", "emailaddress", "useremail", "caller", "submitter"),
        *(
            "submittedby",
            "createdby",
            "author",
            "customer",
            "requestedby",
            "requestername",
            "customername",
            "contactname",
        ),
        *("absender", "remitente", "expediteur"),
    ),
    "conversation": ("conversation", "conversationid", "threadid", "thread", "parentid", "inreplyto"),
    "received_at": (
        *(
            "receivedat",
            "received",
            "createdat",
            "created",
            "createddate",
            "creationdate",
            "createdtime",
            "datecreated",
        ),
        *(
            "openedat",
            "opened",
            "submittedat",
            "date",
            "timestamp",
            "datetime",
            "createdon",
            "syscreatedon",
            "openedon",
            "openeddate",
            "submittedon",
            "dateopened",
            "createdate",
            "erstelltam",
            "fechadecreacion",
            "datedecreation",
            "erstellt",
        ),
    ),
}
"""Names that help desks give their columns in exports, letters and digits only; the first that is there is taken."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Fields of a ticket by the number of their column; `guessed` are those that nobody asked for."""

    by_field: dict[str, int]
    guessed: tuple[str, ...] = field(default=())


class ColumnsError(ValueError):
    """The table's columns do not fit what was asked for, or do not tell where the text is."""


def choose_columns(header: Sequence[str], wanted: Mapping[str, str]) -> Columns:
    """Find the columns of a ticket's fields; a wanted name of '' leaves the field out. Raises ColumnsError."""
    chosen: dict[str, int] = {}
    for name, column in wanted.items():
        if column:
            chosen[name] = _asked_for(header, column)
    guessed = []
    for name, usual in _USUAL.items():
        if name not in wanted and (number := _usual(header, usual, chosen)) is not None:
            chosen[name] = number
            guessed.append(name)
    if "body" not in chosen:
        if len(header) != 1:
            raise ColumnsError(f"no column looks like the text; name it: --map body=COLUMN ({_listed(header)})")
        chosen["body"] = 0
        guessed.append("body")
    return Columns(chosen, tuple(guessed))


def other_texts(header: Sequence[str]) -> list[int]:
    """Number the columns that look like the text, the likeliest first; words may stand there."""
    bare = [_letters(name) for name in header]
    return [number for name in _USUAL["body"] for number, other in enumerate(bare) if other == name]


def _asked_for(header: Sequence[str], column: str) -> int:
    for bare in (str, str.strip, str.casefold, _letters):
        alike = [number for number, name in enumerate(header) if bare(name) == bare(column)]
        if alike:
            return alike[0]
    raise ColumnsError(f"there is no column {column!r} ({_listed(header)})")


def _usual(header: Sequence[str], usual: Sequence[str], chosen: Mapping[str, int]) -> int | None:
    bare = [_letters(name) for name in header]
    found = (bare.index(name) for name in usual if name in bare)
    return next((number for number in found if number not in chosen.values()), None)


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _listed(header: Sequence[str]) -> str:
    shown = [name[:40] for name in header[:20]]
    return "its columns: " + ", ".join(shown) + (", …" if len(header) > len(shown) else "")
