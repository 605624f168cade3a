"""Bounds on requests, before any route sees them: bytes of a body, time for it, requests at once, no compression."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_AFTER_S = 1
_TOO_LARGE, _COMPRESSED = 413, 415

READ_OFF_BYTES = 16 * 1024 * 1024
READ_OFF_S = 5.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process takes at once. A whole body is in memory while it is worked on: mind the product."""

    max_bytes: int
    most_at_once: int = 500
    body_s: float = 30.0


class _OverError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def error_body(code: str, message: str, **more: Any) -> bytes:
    """Write the body that every refusal has: {"error": {"code", "message", …}}."""
    return json.dumps({"error": {"code": code, "message": message} | more}).encode()


def bounded(app: App, bounds: Bounds, rejected: Callable[[str], None] = lambda _code: None) -> App:
    """Wrap an ASGI application so that requests over the bounds are answered 408, 413, 415 or 503 in its stead.

    `rejected` hears the code of those that must not come again as they are.
    """
    under_way = 0

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal under_way
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if under_way >= bounds.most_at_once:
            await _refuse(send, _OverError(503, "busy", "too many requests at once; try again"))
            return
        under_way += 1
        try:
            await _Request(app, bounds, rejected).run(scope, receive, send)
        finally:
            under_way -= 1

    return call


class _Request:
    """One request: counts its body, and knows whether an answer has begun."""

    def __init__(self, app: App, bounds: Bounds, rejected: Callable[[str], None]) -> None:
        self._app = app
        self._bounds = bounds
        self._rejected = rejected
        self._bytes = 0
        self._has_begun = False
        self._is_whole = False
        self._over: _OverError | None = None

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = asyncio.get_running_loop().time() + self._bounds.body_s

        async def bounded_receive() -> Message:
            try:
                async with asyncio.timeout_at(deadline if not self._is_whole else None):
                    message = await receive()
            except TimeoutError:
                raise self._end(_OverError(408, "too_slow", "the body did not come in time")) from None
            self._count(message)
            return message

        async def noted_send(message: Message) -> None:
            self._has_begun = True
            if self._over is None:
                await send(message)

        try:
            self._check_length(scope)
            self._check_coding(scope)
            await self._app(scope, bounded_receive, noted_send)
        except Exception:
            if self._over is None:
                raise
        if self._over is not None:
            if self._over.status == _COMPRESSED:
                self._rejected(self._over.code)
            await self._read_off(receive)
            await _refuse(send, self._over)

    async def _read_off(self, receive: Receive) -> None:
        """Read what is still coming, within reason: cut off in the middle, a client never sees the answer."""
        left = READ_OFF_BYTES if self._over is not None and self._over.status in (_TOO_LARGE, _COMPRESSED) else 0
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_OFF_S):
                while left > 0 and not self._is_whole:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    self._is_whole = not message.get("more_body", False)

    def _check_length(self, scope: Scope) -> None:
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value) > self._bounds.max_bytes):
                raise self._end(self._too_large())

    def _check_coding(self, scope: Scope) -> None:
        """Refuse what is compressed: a few bytes may stand for gigabytes, and as they are they are garbage."""
        for name, value in scope["headers"]:
            coding = value.strip().lower()
            if name == b"content-encoding" and coding not in (b"", b"identity"):
                shown = coding[:40].decode("ascii", "replace")
                message = f"the body is compressed (Content-Encoding: {shown}): send it as it is, without that header"
                raise self._end(_OverError(_COMPRESSED, "compressed", message))

    def _count(self, message: Message) -> None:
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            if self._bytes > self._bounds.max_bytes:
                raise self._end(self._too_large())

    def _too_large(self) -> _OverError:
        return _OverError(_TOO_LARGE, "too_large", f"the body has more than {self._bounds.max_bytes:,} bytes")

    def _end(self, over: _OverError) -> _OverError:
        self._over = None if self._has_begun else over
        return over


async def _refuse(send: Send, over: _OverError) -> None:
    body = error_body(over.code, over.message)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if over.status == _COMPRESSED:
        headers.append((b"accept-encoding", b"identity"))  # RFC 9110, 15.5.16
    if over.status == 503:  # noqa: PLR2004 - the status that asks for another try
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": over.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
