"""What the OpenAPI document says: bodies and headers that are read by hand, every answer, and the tokens."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from producers.api.errors import ErrorAnswer
from producers.api.models import SUBMISSION, Receipt, Results, TicketAnswer

DESCRIPTION = """Hand tickets in and ask what was decided.

**202** means that the ledger holds the ticket, and that it will be triaged or parked for a person. Any other answer
promises nothing: after 429 and 503, when `Retry-After` is over, send it again with the same `Idempotency-Key`.
"""

_RETRY_AFTER = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 1}}}


def _no(description: str, *, waits: bool = False) -> dict[str, Any]:
    return {"model": ErrorAnswer, "description": description} | ({"headers": _RETRY_AFTER} if waits else {})


_REFUSED: dict[int | str, dict[str, Any]] = {
    401: _no("The token is missing, unknown or expired."),
    403: _no("The token is not good for this."),
    408: _no("The body did not come in time."),
    422: _no("Fields are wrong."),
    429: _no("The token's limit is reached.", waits=True),
    503: _no("The ledger is full or away, or too much is asked at once; nothing is promised.", waits=True),
}

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "names the ticket for its sender: sent again within 7 days it is the same ticket",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
}

ACCEPT: dict[str, Any] = {
    "summary": "Accept one ticket or a batch",
    "status_code": 202,
    "responses": _REFUSED
    | {
        202: {
            "model": Receipt | Results,
            "description": "The ledger holds every ticket.",
            "headers": {"Location": {"description": "of one ticket", "schema": {"type": "string"}}},
        },
        207: {"model": Results, "description": "Some of the batch were not accepted: see each result."},
        400: _no("The body is no JSON or repeats a name, or the key cannot be used."),
        409: _no("The key or id was used for another ticket."),
        413: _no("The body is too large."),
        415: _no("The body is not application/json."),
    },
    "openapi_extra": {
        "security": [{"token": []}],
        "parameters": [_KEY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
    },
}

READ: dict[str, Any] = {
    "summary": "Tell where a ticket stands",
    "responses": _REFUSED
    | {
        200: {"model": TicketAnswer, "description": "Status and, once there is one, the verdict."},
        404: _no("There is no such ticket, or it is another tenant's, or no longer kept."),
    },
    "openapi_extra": {"security": [{"token": []}]},
}

HEALTH: dict[str, Any] = {"include_in_schema": False}


def with_document(app: FastAPI) -> FastAPI:
    """Have the application serve a document that is complete."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(
                get_openapi(title=app.title, version="1", description=app.description, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    return app


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schema = SUBMISSION.json_schema(ref_template="#/components/schemas/{model}")
    schemas = document["components"]["schemas"]
    schemas |= schema.pop("$defs", {})
    body = document["paths"]["/v1/tickets"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"anyOf": schema.get("oneOf") or schema.get("anyOf")}
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "made by `triage tokens create`"}
    }
    return document
