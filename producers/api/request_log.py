"""One line of the log for each request: method, route, status, time and the token's name; never what was sent."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

_log = structlog.get_logger("http")

_FACTS = "triage.facts"
_QUIET = ("/healthz", "/readyz")
"""Asked every second by whoever watches."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def note(scope: Scope, **facts: str) -> None:
    """Add something to the line of this request."""
    scope.setdefault(_FACTS, {}).update(facts)


class RequestLog:
    """ASGI middleware that writes the lines. The bounds' own answers (408, 413, 503) do not come through here."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and log how it ended."""
        started, status = time.perf_counter(), 0

        async def noted_send(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self._app(scope, receive, noted_send)
        route = getattr(scope.get("route"), "path", "none")  # the path itself may hold anything
        if route not in _QUIET:
            _log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                ms=round((time.perf_counter() - started) * 1_000, 1),
                **scope.get(_FACTS, {}),
            )
