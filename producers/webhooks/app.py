"""The routes: mail of providers, and chat messages."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fleet.errors import TransientError
from producers.webhooks.answers import closed, later, taken
from producers.webhooks.inbound.taking import Inbound
from producers.webhooks.messages.taking import Messages
from producers.webhooks.request.posted import Posted

_log = structlog.get_logger("webhooks")


def make_app(inbound: Inbound, messages: Messages) -> Starlette:
    """Make the application."""

    async def mail(request: Request) -> Response:
        name = request.path_params["provider"]
        if request.method == "HEAD":  # Mandrill looks whether there is somebody before it takes a URL
            return taken() if inbound.is_open(name) else closed("this provider")
        return await _answer(request, lambda posted: inbound.take(name, posted))

    async def message(request: Request) -> Response:
        return await _answer(request, messages.take)

    return Starlette(
        routes=[
            Route("/v1/inbound/{provider}", mail, methods=["POST", "HEAD"]),
            Route("/v1/messages", message, methods=["POST"]),
        ]
    )


async def _answer(request: Request, take: Callable[[Posted], Awaitable[Response]]) -> Response:
    try:
        body = await request.body()
    except ClientDisconnect:
        return later(TransientError("the sender left"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return await take(Posted(headers, body, dict(request.query_params)))
    except TransientError as error:
        return later(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the sender must keep what it sent
        _log.exception("request_failed")
        return later(error)
