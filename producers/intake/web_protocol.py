"""HTTP connections with an end: whoever never finishes the head of a request, or sends a huge one, is cut off."""

import asyncio
import resource
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from producers.intake.web_bounds import error_body

HEAD_S = 10.0
"""Time for request line and headers. uvicorn itself waits for ever, and a connection costs memory."""

BODY_S = 60.0
"""Time for a body after its head, also for one that was answered (401) before anybody read it. The middleware, which
answers 408, is quicker."""

MAX_HEAD_BYTES = 64 * 1024
FILES_KEPT = 64
"""Of the process's open files, those that clients' connections leave to the ledger, the broker, the log."""


def _most_connections() -> int:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if allowed == resource.RLIM_INFINITY else max(FILES_KEPT, allowed - FILES_KEPT)


MOST_CONNECTIONS = _most_connections()


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the head of a request; those on a body are middleware and, at last, here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._expect_head()
        if len(self.connections) > MOST_CONNECTIONS:
            self._cut_off()  # and not the connection to the ledger, which needs a file, too

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._end_of_head()
        self._end_of_body()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers are complete."""
        super().data_received(data)
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._cut_off()

    def on_message_begin(self) -> None:
        """A further request on the connection begins."""
        super().on_message_begin()
        if self._head_timer is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is here; its body may begin."""
        self._end_of_head()
        self._body_timer = self.loop.call_later(BODY_S, self._cut_off)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here to its end."""
        self._end_of_body()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the form that every refusal has."""
        body = error_body("not_http", msg)
        head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_S, self._cut_off)

    def _end_of_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end_of_body(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _cut_off(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
