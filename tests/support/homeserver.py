"""A homeserver's double, as far as one producer and the people of the tests use one; the same tests run on Synapse."""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.support.matrix_people import Person
from tests.support.server import free_port

Answer = tuple[int, dict[str, Any]]

_OK = 200
_LOOK_EVERY_S = 0.01


class FakeHomeserver:
    """Keeps all events in one list; a token is a place in it.

    `fault` may answer in place of a path, and `broken` stands before the events of every timeline. A careless one
    ignores which rooms are asked for, and where a request for earlier messages should end.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.fault: Callable[[str], Answer | None] = lambda _path: None
        self.is_careless = False
        self.broken: list[Any] = []
        self._filters: list[dict[str, Any]] = []
        self._aliases: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="homeserver", daemon=True)
        self._thread.start()
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Answer (again), with all that it knew."""
        self._run(self._start())

    def stop(self) -> None:
        """Answer no more, and cut all connections."""
        self._run(self._stop())

    def close(self) -> None:
        """End for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def register(self, name: str) -> Person:
        """Make an account, and log in."""
        return Person.log_in(self.url, name)

    def _run(self, work: Any) -> None:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.result(30)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/_matrix/client/v3")
        self.asked.append(path)
        body = await request.json() if request.can_read_body else {}
        me = request.headers.get("Authorization", "").removeprefix("Bearer token-of-")
        fault = self.fault(path)
        status, answer = fault or await self._route(path, request.query, body, me)
        return web.Response(status=status, text=json.dumps(answer), content_type="application/json")

    # One case for each path: a table.
    async def _route(self, path: str, query: Any, body: Any, me: str) -> Answer:  # noqa: C901, PLR0911, PLR0912
        match path.strip("/").split("/"):
            case ["login"]:
                user = body["identifier"]["user"]
                user = user if user.startswith("@") else f"@{user}:localhost"
                return _OK, {"user_id": user, "access_token": f"token-of-{user}", "device_id": "D"}
            case ["account", "whoami"]:
                return _OK, {"user_id": me}
            case ["user", _, "filter"]:
                self._filters.append(body)
                return _OK, {"filter_id": str(len(self._filters) - 1)}
            case ["createRoom"]:
                return self._create(me, body)
            case ["joined_rooms"]:
                return _OK, {"joined_rooms": [room for room in self._rooms() if self._membership(room, me) == "join"]}
            case ["join", room] | ["rooms", room, "join"]:
                self._put(room, me, "m.room.member", {"membership": "join"}, me)
                return _OK, {"room_id": room}
            case ["rooms", room, "invite" | "kick" as what]:
                membership = {"membership": "invite" if what == "invite" else "leave"}
                self._put(room, me, "m.room.member", membership, body["user_id"])
                return _OK, {}
            case ["directory", "room", alias]:
                known = self._aliases.get(alias)
                return (_OK, {"room_id": known, "servers": []}) if known else _error(404, "M_NOT_FOUND")
            case ["rooms", room, "send", kind, _]:
                return _OK, {"event_id": self._put(room, me, kind, body)}
            case ["rooms", room, "redact", event_id, _]:
                return _OK, {"event_id": self._redact(room, me, event_id)}
            case ["rooms", _, "event", event_id]:
                found = [event for event in self.events if event["event_id"] == event_id]
                return (_OK, found[0]) if found else _error(404, "M_NOT_FOUND")
            case ["rooms", room, "messages"]:
                return _OK, self._messages(room, query)
            case ["sync"]:
                return _OK, await self._sync(me, query)
        return _error(404, "M_UNRECOGNIZED")

    def _create(self, me: str, body: Any) -> Answer:
        room = f"!room{next(self._numbers)}:localhost"
        self._put(room, me, "m.room.create", {}, "")
        self._put(room, me, "m.room.member", {"membership": "join"}, me)
        for state in body.get("initial_state", ()):
            self._put(room, me, state["type"], state["content"], "")
        for invited in body.get("invite", ()):
            self._put(room, me, "m.room.member", {"membership": "invite"}, invited)
        if name := body.get("room_alias_name"):
            self._aliases[f"#{name}:localhost"] = room
        return _OK, {"room_id": room}

    def _put(self, room: str, sender: str, kind: str, content: Any, state_key: str | None = None, **more: Any) -> str:
        event = {
            "event_id": f"$event{next(self._numbers)}",
            "room_id": room,
            "sender": sender,
            "type": kind,
            "content": content,
            "origin_server_ts": int(time.time() * 1000),
            "unsigned": {},
        } | more
        if state_key is not None:
            event["state_key"] = state_key
            if before := [old for old in self._in(room) if (old["type"], old.get("state_key")) == (kind, state_key)]:
                event["unsigned"] = {"prev_content": before[-1]["content"]}
        self.events.append(event)
        return str(event["event_id"])

    def _redact(self, room: str, sender: str, event_id: str) -> str:
        made = self._put(room, sender, "m.room.redaction", {"redacts": event_id}, redacts=event_id)
        for event in self.events:
            if event["event_id"] == event_id:
                event["content"] = {}
                event["unsigned"] = {"redacted_because": self.events[-1]}
        return made

    def _rooms(self) -> list[str]:
        return list(dict.fromkeys(event["room_id"] for event in self.events))

    def _in(self, room: str) -> Iterator[dict[str, Any]]:
        return (event for event in self.events if event["room_id"] == room)

    def _membership(self, room: str, user: str, place: int | None = None) -> str:
        now = "leave"
        for event in self.events[:place]:
            if (event["room_id"], event["type"], event.get("state_key")) == (room, "m.room.member", user):
                now = event["content"]["membership"]
        return now

    def _between(self, room: str, start: int, end: int, kinds: list[str] | None) -> list[int]:
        return [
            place
            for place in range(start, end)
            if self.events[place]["room_id"] == room and (kinds is None or self.events[place]["type"] in kinds)
        ]

    def _messages(self, room: str, query: Any) -> dict[str, Any]:
        start, end = _place(query["from"]), 0 if self.is_careless else _place(query.get("to", "s0"))
        kinds = json.loads(query["filter"]).get("types") if "filter" in query else None
        places = self._between(room, end, start, kinds)[::-1]
        page = places[: int(query["limit"])]
        answer = {"start": query["from"], "chunk": [self.events[place] for place in page]}
        return answer | ({"end": f"s{page[-1]}"} if len(page) < len(places) else {})

    async def _sync(self, me: str, query: Any) -> dict[str, Any]:
        until = asyncio.get_running_loop().time() + int(query.get("timeout", 0)) / 1000
        chosen = self._filters[int(query["filter"])]["room"]
        while True:
            rooms = self._news(me, query.get("since"), chosen)
            if any(rooms.values()) or "since" not in query or asyncio.get_running_loop().time() >= until:
                return {"next_batch": f"s{len(self.events)}", "rooms": rooms}
            await asyncio.sleep(_LOOK_EVERY_S)

    def _news(self, me: str, since: str | None, chosen: Any) -> dict[str, dict[str, Any]]:
        start = _place(since or "s0")
        news: dict[str, dict[str, Any]] = {"join": {}, "leave": {}, "invite": {}}
        for room in self._rooms():
            if room not in chosen.get("rooms", [room]) and not self.is_careless:
                continue
            now, before = self._membership(room, me), self._membership(room, me, start)
            if now == "join":
                first = start if since and before == "join" else 0
                timeline = self._timeline(room, first, chosen["timeline"], has_news_from=start)
                if timeline or not since:
                    state = [event for event in self._in(room) if event["type"] in chosen["state"]["types"]]
                    news["join"][room] = {"timeline": timeline or {"events": []}, "state": {"events": state}}
            elif now == "leave" and before == "join" and since:
                news["leave"][room] = {"timeline": self._timeline(room, start, chosen["timeline"], start)}
            elif now == "invite" and (not since or before != "invite"):
                about = [event for event in self._in(room) if event.get("state_key") == me][-1]
                news["invite"][room] = {"invite_state": {"events": [about]}}
        return news

    def _timeline(self, room: str, first: int, chosen: Any, has_news_from: int) -> dict[str, Any]:
        places = self._between(room, first, len(self.events), chosen["types"])
        if not places or places[-1] < has_news_from:
            return {}
        shown = places[-chosen["limit"] :]
        limited = len(shown) < len(places)
        events = [*self.broken, *(self.events[place] for place in shown)]
        return {"events": events, "limited": limited, "prev_batch": f"s{shown[0]}"}


def _place(token: str) -> int:
    return int(token.removeprefix("s"))


def _error(status: int, code: str) -> Answer:
    return status, {"errcode": code, "error": code}


@contextmanager
def fake_homeserver() -> Iterator[FakeHomeserver]:
    """Run one until the end of the block."""
    server = FakeHomeserver()
    try:
        server.start()
        yield server
    finally:
        server.close()
