"""Failures of an application, told without what it worked on: a traceback's last line may hold a customer's words."""

import traceback

import sentry_sdk
import structlog
from starlette.requests import ClientDisconnect

from producers.intake.web_bounds import App, Message, Receive, Scope, Send, error_body

_log = structlog.get_logger("web")


def sheltered(app: App) -> App:
    """Wrap an ASGI application: what it raises is logged by its place, and answered 500 where no answer had begun."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noted_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await app(scope, receive, noted_send)
        except ClientDisconnect:
            return  # nobody is left to be answered
        except Exception as error:  # noqa: BLE001 - the server goes on
            _report(error)
            if not has_begun:
                await _apologise(send)

    return call


def _report(error: Exception) -> None:
    sentry_sdk.capture_exception(error)
    _log.error(
        "request_failed", error=type(error).__name__, stack="".join(traceback.format_tb(error.__traceback__)[-8:])
    )


async def _apologise(send: Send) -> None:
    body = error_body("failed", "a mistake of ours; nothing is known of the request: send it again")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
