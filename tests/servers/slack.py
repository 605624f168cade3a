"""A server that plays Slack: it checks what the SDK sends, and hands events out until they are acknowledged.

By hand, `python -m tests.servers.slack [http]` prints what to set for `triage ingest slack`, and says something each
second.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

APP_TOKEN = "xapp-1-test"
SECRET = "signing-secret-of-the-test"
TEAM, BOT_USER = "T1", "UBOT"


def message(ts: str, text: str, user: str = "U1", channel: str = "C1", **more: Any) -> dict[str, Any]:
    """Make the event of a message."""
    return {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts} | more


def callback(event: dict[str, Any], event_id: str = "Ev1") -> dict[str, Any]:
    """Wrap an event as the Events API does."""
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": event_id,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "event": event,
    }


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """Make the headers of a signed request."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    assert signature is not None
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
    }


def deliver(url: str, body: bytes, **headers: str) -> bool:
    """Post an event once, signed anew, and tell whether Slack would count it as received."""
    request = urllib.request.Request(url, body, signed(body) | headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        # Within the same second the signature is the same: the first one was kept, then.
        with error:
            return b"replayed" in error.read()
    except OSError:
        return False


@dataclass
class FakeSlack:
    """Socket Mode's other end. Envelopes are sent at once, and again on each new connection until acknowledged."""

    port: int = 0
    unacknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    connections: int = 0
    refusing: int = 0
    """So many connections are refused, and their tickets are spent."""
    _tickets: set[str] = field(default_factory=set)
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/api/apps.connections.open", self._open)
        app.router.add_get("/link", self._link)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close everything; what is not acknowledged is kept for the next start."""
        for socket in list(self._sockets):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """What TRIAGE_SLACK_API_URL has to be."""
        return f"http://127.0.0.1:{self.port}/api/"

    async def send(self, event: dict[str, Any]) -> str:
        """Hand an event out; answers the id of its envelope."""
        envelope_id = f"e{next(self._numbers)}"
        payload = callback(event, f"Ev-{envelope_id}")
        self.unacknowledged[envelope_id] = {
            "type": "events_api",
            "envelope_id": envelope_id,
            "accepts_response_payload": False,
            "payload": payload,
        }
        for socket in list(self._sockets):
            await self._send(socket, self.unacknowledged[envelope_id])
        return envelope_id

    async def ask_to_reconnect(self) -> None:
        """Say, as Slack does now and then, that this connection ends soon."""
        for socket in list(self._sockets):
            await self._send(socket, {"type": "disconnect", "reason": "refresh_requested"})

    async def cut(self) -> None:
        """Drop every connection without a word."""
        for socket in list(self._sockets):
            transport: Any = socket._req.transport if socket._req else None
            if transport:
                transport.abort()

    async def _open(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {APP_TOKEN}":
            self.wrong.append("apps.connections.open without the app's token")
            return web.json_response({"ok": False, "error": "invalid_auth"})
        ticket = f"ticket{next(self._numbers)}"
        self._tickets.add(ticket)
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"})

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:  # each is good once
            return web.Response(status=401)
        self._tickets.remove(ticket)
        if self.refusing > 0:
            self.refusing -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        await self._send(socket, {"type": "hello", "num_connections": 1})
        for envelope in list(self.unacknowledged.values()):
            await self._send(socket, envelope)
        self._sockets.add(socket)
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._take_answer(frame.data)
        finally:
            self._sockets.discard(socket)
        return socket

    def _take_answer(self, text: str) -> None:
        envelope_id = json.loads(text).get("envelope_id")
        if self.unacknowledged.pop(envelope_id, None) is None:
            if envelope_id not in self.acknowledged:
                self.wrong.append(f"acknowledged what was never sent: {envelope_id}")
            return
        self.acknowledged.append(envelope_id)

    async def _send(self, socket: web.WebSocketResponse, content: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):
            await socket.send_str(json.dumps(content))


async def eventually(what: str, ask: Callable[[], Any], deadline_s: float = 60.0) -> None:
    """Wait on the loop until a condition holds."""
    try:
        async with asyncio.timeout(deadline_s):
            while not ask():  # noqa: ASYNC110 - the state is another's
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {deadline_s:.0f} s: {what}") from None


def _events() -> Iterator[dict[str, Any]]:
    for number in itertools.count(1):
        yield message(f"{time.time():.6f}", f"message {number}", user=f"U{number % 3}")


async def _over_a_socket() -> None:
    slack = FakeSlack()
    await slack.start()
    sys.stderr.write(
        f"export TRIAGE_SLACK_MODE=socket TRIAGE_SLACK_APP_TOKEN={APP_TOKEN} TRIAGE_SLACK_API_URL={slack.api_url}\n"
        "triage ingest slack\n(a message a second follows; Ctrl-C ends)\n"
    )
    for number, event in enumerate(_events(), 1):
        await slack.send(event)
        sys.stderr.write(f"sent {number}, acknowledged {len(slack.acknowledged)}, wrong {slack.wrong}\n")
        await asyncio.sleep(1)


def _over_http(address: str = "127.0.0.1:8082") -> None:
    sys.stderr.write(
        f"export TRIAGE_SLACK_MODE=http TRIAGE_SLACK_SIGNING_SECRET={SECRET} TRIAGE_SLACK_LISTEN={address}\n"
        "triage ingest slack\n(a message a second follows, each until it is received; Ctrl-C ends)\n"
    )
    for number, event in enumerate(_events(), 1):
        tries = 0
        while not deliver(f"http://{address}/slack/events", json.dumps(callback(event)).encode()):
            tries += 1
            time.sleep(1)
        sys.stderr.write(f"received {number} after {tries} failed tries\n")
        time.sleep(1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        if sys.argv[1:] == ["http"]:
            _over_http()
        else:
            asyncio.run(_over_a_socket())
