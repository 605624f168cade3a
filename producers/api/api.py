"""The application: routes, what the document says of them, and errors in one shape."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from fleet.errors import LedgerUnavailableError
from fleet.lanes import Lane
from producers.api.access import Access
from producers.api.document import ACCEPT, DESCRIPTION, HEALTH, READ, with_document
from producers.api.errors import ApiError, not_now, too_many
from producers.api.lookup import look_up
from producers.api.models import TICKET_ID, Batch, NewTicket
from producers.api.rate import take
from producers.api.reading import read_submission
from producers.api.receiving import accept_batch, accept_one, checked_key
from producers.api.request_log import RequestLog, note
from producers.api.tokens import Scope, Token
from producers.intake.door import Door
from producers.intake.metrics import Became, Refusal

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


class Api:
    """Answers the requests; everything it needs comes with the door."""

    def __init__(self, door: Door, access: Access) -> None:
        self._door = door
        self._access = access

    def app(self, *, docs: bool) -> FastAPI:
        """Make the application."""
        app = FastAPI(
            title="triage-fleet",
            description=DESCRIPTION,
            docs_url="/docs" if docs else None,
            redoc_url=None,
            openapi_url="/openapi.json" if docs else None,
            redirect_slashes=False,  # a redirect would name the host that the client named
        )
        # Bodies are read by hand: nobody's JSON is looked at before the token is believed.
        app.add_api_route("/v1/tickets", self.post, methods=["POST"], **ACCEPT)
        app.add_api_route("/v1/tickets/{ticket_id}", self.get, methods=["GET"], **READ)
        app.add_api_route("/healthz", self.live, methods=["GET"], **HEALTH)
        app.add_api_route("/readyz", self.ready, methods=["GET"], **HEALTH)
        for kind, handler in _HANDLERS.items():
            app.add_exception_handler(kind, handler)
        app.add_middleware(RequestLog)
        return with_document(app)

    async def post(self, request: Request) -> Response:
        """Accept one ticket or a batch."""
        token = await self._believed(request, Scope.WRITE)
        if not _JSON.match(request.headers.get("content-type", "")):
            raise ApiError(415, "content_type", "send application/json")
        key = checked_key(request.headers.getlist("idempotency-key"))
        new = self._read(await request.body())
        tickets = new.tickets if isinstance(new, Batch) else [new]
        if any(one.lane is Lane.URGENT for one in tickets):
            self._access.ensure(token, Scope.URGENT)
        await self._within_limit(token, len(tickets))
        if isinstance(new, NewTicket):
            ticket_id, is_new = await accept_one(self._door, token, new, key)
            note(request.scope, ticket_id=ticket_id)
            content = {"id": ticket_id, "status": "accepted" if is_new else "duplicate"}
            return JSONResponse(content, status_code=202, headers={"Location": f"/v1/tickets/{ticket_id}"})
        results = await accept_batch(self._door, token, new, key)
        is_whole = all(result["status"] in ("accepted", "duplicate") for result in results)
        return JSONResponse({"results": results}, status_code=202 if is_whole else 207)

    async def get(self, request: Request, ticket_id: Annotated[str, Path(pattern=TICKET_ID)]) -> Response:
        """Tell where a ticket stands."""
        token = await self._believed(request, Scope.READ)
        await self._within_limit(token, 1)
        found = await look_up(self._door.ledger.redis, ticket_id, token.tenant)
        if found is None:
            raise ApiError(404, "not_found", "there is no such ticket, or it is no longer kept")
        return JSONResponse(found)

    async def live(self) -> Response:
        """Say whether the process works."""
        return JSONResponse(self._door.status.describe(), status_code=200 if self._door.status.is_live else 503)

    async def ready(self) -> Response:
        """Say whether tickets can be taken in."""
        return JSONResponse(self._door.status.describe(), status_code=200 if self._door.status.is_ready else 503)

    async def _believed(self, request: Request, scope: Scope) -> Token:
        token = await self._access.token(request.headers.get("authorization"), scope)
        note(request.scope, token=token.name)
        return token

    def _read(self, body: bytes) -> NewTicket | Batch:
        try:
            return read_submission(body)
        except ApiError:
            self._door.metrics.message(Became.REJECTED)
            raise

    async def _within_limit(self, token: Token, number: int) -> None:
        if token.per_minute:
            wait_s = await self._door.ledger.run(take(token, number))
            if wait_s:
                self._door.metrics.refused(Refusal.RATE)
                raise too_many(wait_s)


async def _say_no(request: Request, error: Any) -> Response:
    note(request.scope, code=error.detail.code)
    answer: Response = error.response()
    return answer


async def _say_not_now(request: Request, error: Any) -> Response:
    return await _say_no(request, not_now(error))


async def _say_http(request: Request, error: Any) -> Response:
    detail = str(error.detail)
    return await _say_no(request, ApiError(error.status_code, "http", detail, headers=dict(error.headers or {})))


async def _say_sorry(request: Request, _error: Any) -> Response:
    # The server around us logs what happened, by its place only.
    return await _say_no(request, ApiError(500, "failed", "a mistake of ours; send it again under the same key"))


async def _say_invalid_path(request: Request, _error: Any) -> Response:
    return await _say_no(request, ApiError(422, "invalid", "an id has 1 to 64 letters, digits, dots, dashes"))


def _handlers() -> dict[Any, Callable[[Request, Any], Awaitable[Response]]]:
    from fastapi.exceptions import RequestValidationError

    return {
        ApiError: _say_no,
        LedgerUnavailableError: _say_not_now,
        HTTPException: _say_http,
        Exception: _say_sorry,
        RequestValidationError: _say_invalid_path,
    }


_HANDLERS = _handlers()
