"""The webhooks' application on a real ledger, asked without a network."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from producers.chat.bursts import Bursts
from producers.intake.door import Door
from producers.webhooks.app import make_app
from producers.webhooks.inbound.taking import Inbound
from producers.webhooks.messages.signed import make_signers
from producers.webhooks.messages.taking import Messages
from producers.webhooks.settings import WebhookSettings, split
from producers.webhooks.trust.gates import make_gates
from producers.webhooks.trust.once import Once
from tests.servers.webhook_sender import SETTINGS, Request
from tests.support.chat import AT_ONCE

OpenDoor = Callable[..., Any]


@dataclass
class Answer:
    """What the application said."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Site:
    """The application and what stands behind it; `now` may be moved."""

    door: Door
    bursts: Bursts
    app: Any = None
    now: float = field(default_factory=time.time)

    async def post(self, request: Request, method: str = "POST", query: str = "") -> Answer:
        """Ask it."""
        answer, given = Answer(), [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(part: dict[str, Any]) -> None:
            if part["type"] == "http.response.start":
                answer.status = part["status"]
                answer.headers = {name.decode(): value.decode() for name, value in part["headers"]}
            answer.body += part.get("body", b"")

        headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()]
        scope = {"type": "http", "method": method, "path": request.path, "raw_path": request.path.encode()}
        await self.app(scope | {"query_string": query.encode(), "headers": headers}, receive, send)
        return answer

    def counted(self, result: str) -> float:
        """How many messages became this."""
        return self._value("triage_messages_total", result=result)

    def refused(self, reason: str) -> float:
        """How many requests were not believed for this reason."""
        return self._value("triage_requests_refused_total", reason=reason)

    def _value(self, name: str, **labels: str) -> float:
        return self.door.metrics.registry.get_sample_value(name, {"producer": "test"} | labels) or 0


@asynccontextmanager
async def site_on(door: Door, **settings: Any) -> AsyncIterator[Site]:
    """Make the application behind an open door."""
    own = WebhookSettings.model_validate(SETTINGS | settings)
    site = Site(door, Bursts(door, AT_ONCE))
    tokens, ids = (Once(door.ledger.redis, kind, own.remember_s) for kind in ("token", "id"))
    with ThreadPoolExecutor(1) as threads:
        site.app = make_app(
            Inbound(door, make_gates(own), tokens, threads, own=own.own, now=lambda: site.now),
            Messages(
                door,
                site.bursts,
                make_signers(split(own.messages_key)),
                ids,
                window_s=own.tolerance_s,
                now=lambda: site.now,
            ),
        )
        yield site


def on_site(
    open_door: OpenDoor, work: Callable[[Site], Awaitable[Any]], *, own: dict[str, Any] | None = None, **settings: Any
) -> Any:
    """Work with the application; `own` are its settings, the rest those of the fleet."""

    async def run() -> Any:
        async with open_door(**settings) as door, site_on(door, **(own or {})) as site:
            return await work(site)

    return asyncio.run(run())
