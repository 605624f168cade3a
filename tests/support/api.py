"""The HTTP API for tests: a real server on a loopback port, and tokens to call it with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import redis

from producers.api.access import Access
from producers.api.api import Api
from producers.api.token_book import create
from producers.api.tokens import Scope, Token
from producers.intake.door import Door
from producers.intake.listen import Listen
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds
from tests.support.server import free_port

MAX_BYTES = 300_000


def make_token(client: redis.Redis, name: str = "crm", *scopes: Scope, **values: Any) -> str:
    """Make a token that may do everything, unless told otherwise; answers its secret."""
    return create(client, Token(name, "", frozenset(scopes or Scope), **values))


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.body["error"]["code"])


class Caller:
    """A client of the API."""

    def __init__(self, door: Door, session: aiohttp.ClientSession, url: str, secret: str) -> None:
        self.door = door
        self.url = url
        self.session = session
        self.secret = secret

    async def post(self, content: Any = None, **headers: str) -> Answer:
        """Post something as JSON, or bytes as they are; headers with an underscore for a dash."""
        own = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"data": content} if isinstance(content, bytes) else {"json": content}
        async with self.session.post(f"{self.url}/v1/tickets", headers=own, **given) as answer:
            return await _read(answer)

    async def get(self, path: str, secret: str | None = None) -> Answer:
        """Get a path."""
        own = {"Authorization": f"Bearer {secret or self.secret}"}
        async with self.session.get(f"{self.url}{path}", headers=own) as answer:
            return await _read(answer)

    def refused(self, reason: str) -> float:
        """How many requests were refused for this reason."""
        labels = {"producer": "test", "reason": reason}
        return self.door.metrics.registry.get_sample_value("triage_requests_refused_total", labels) or 0.0


async def _read(answer: aiohttp.ClientResponse) -> Answer:
    return Answer(answer.status, await answer.json(), dict(answer.headers))


@asynccontextmanager
async def served(door: Door, secret: str) -> AsyncIterator[Caller]:
    """Serve the API until the end of the block."""
    port = free_port()
    app = Api(door, Access(door.ledger.redis, door.metrics)).app(docs=True)
    serving = asyncio.create_task(
        serve_app(app, door, listen=Listen("127.0.0.1", port), bounds=Bounds(max_bytes=MAX_BYTES))
    )
    async with aiohttp.ClientSession() as session:
        while "listening" not in door.status.describe()["source"]:  # noqa: ASYNC110 - the state is another's
            await asyncio.sleep(0.01)
        try:
            yield Caller(door, session, f"http://127.0.0.1:{port}", secret)
        finally:
            door.stop.set()
            await serving
