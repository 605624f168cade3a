"""A receiver that behaves as PagerDuty's Events API v2: checks events, folds them by dedup key, fails on request."""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
ACTIONS = {"trigger", "acknowledge", "resolve"}
SEVERITIES = {"critical", "error", "warning", "info"}
LONGEST_SUMMARY = 1024
LONGEST_DEDUP_KEY = 255


@dataclass(frozen=True, slots=True)
class Answer:
    """A scripted answer with headers; a bare status stands for one without."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class Pager:
    """Receives events on a loopback port, in a thread of its own, while the `with` block runs.

    `events` are all valid events in order of arrival, whatever was answered; `incidents` are those answered with 202,
    folded by dedup key (the list holds every event of the incident); `errors` says why events were refused with 400.
    `script` holds the next answers, first to last; when it is empty, 202. `hold` delays every answer until it is set,
    `delay_s` by a time. The event has been recorded by then: this is a receiver that took it and whose answer is late.
    """

    def __init__(self, *, routing_key: str = ROUTING_KEY) -> None:
        self.routing_key = routing_key
        self.events: list[dict[str, Any]] = []
        self.incidents: dict[str, list[dict[str, Any]]] = {}
        self.errors: list[str] = []
        self.script: list[int | Answer] = []
        self.hold: threading.Event | None = None
        self.delay_s = 0.0
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pager", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_ready.wait(10), "the pager did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.hold is not None:
            self.hold.set()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the pager did not stop"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/v2/enqueue", self._enqueue)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v2/enqueue"
        self._is_ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _enqueue(self, request: web.Request) -> web.Response:
        event, problem = _read(await request.read(), self.routing_key)
        if problem:
            self.errors.append(problem)
            return _respond(Answer(400), "invalid event", problem)
        self.events.append(event)
        scripted = self.script.pop(0) if self.script else 202
        answer = scripted if isinstance(scripted, Answer) else Answer(scripted)
        if answer.status == 202:
            self.incidents.setdefault(event["dedup_key"], []).append(event)
        await self._linger()
        return _respond(answer, "success" if answer.status == 202 else "error", str(event["dedup_key"]))

    async def _linger(self) -> None:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.hold is not None:
            await asyncio.to_thread(self.hold.wait)


def _respond(answer: Answer, status: str, text: str) -> web.Response:
    body = {"status": status, "message": "Event processed" if answer.status == 202 else text, "dedup_key": text}
    return web.json_response(body, status=answer.status, headers=answer.headers)


def _read(raw: bytes, routing_key: str) -> tuple[dict[str, Any], str]:
    """Read an event; the second value says what the real receiver would refuse it for."""
    try:
        event = json.loads(raw)
    except ValueError:
        return {}, "the body is not JSON"
    if not isinstance(event, dict):
        return {}, "the body is not an object"
    return event, next(iter(_problems(event, routing_key)), "")


def _problems(event: dict[str, Any], routing_key: str) -> list[str]:
    payload = event.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    dedup_key, summary = event.get("dedup_key"), payload.get("summary")
    checks = {
        "routing_key is wrong": event.get("routing_key") == routing_key,
        "event_action is unknown": event.get("event_action") in ACTIONS,
        "dedup_key is missing or too long": isinstance(dedup_key, str) and 0 < len(dedup_key) <= LONGEST_DEDUP_KEY,
        "payload.summary is missing or too long": isinstance(summary, str) and 0 < len(summary) <= LONGEST_SUMMARY,
        "payload.source is missing": isinstance(payload.get("source"), str) and bool(payload.get("source")),
        "payload.severity is unknown": payload.get("severity") in SEVERITIES,
    }
    return [problem for problem, is_fine in checks.items() if not is_fine]
