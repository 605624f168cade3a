"""`triage ingest matrix` as a thread of the test, with bursts that only remember what they were told."""

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from fleet.errors import TransientError
from fleet.settings import load_group, load_settings
from producers.chat.post import Post
from producers.intake.door import Door
from producers.intake.service import opened
from producers.matrix.settings import PREFIX, MatrixSettings
from producers.matrix.source import MatrixSource
from tests.servers.synapse import HOW_TO_INSTALL, is_installed, synapse
from tests.support.homeserver import fake_homeserver
from tests.support.matrix_people import Homeserver, Person
from tests.support.waiting import wait_for

REAL = pytest.param("synapse", marks=pytest.mark.synapse)
EITHER = ["double", REAL]

ENDS_WITHIN_S = 20
"""An end that waited for a long poll would take longer."""


@contextmanager
def homeserver(kind: str) -> Iterator[Homeserver]:
    """Run the double or the real homeserver until the end of the block."""
    if kind == "synapse" and not is_installed():
        pytest.skip(f"Synapse is not installed: {HOW_TO_INSTALL}")
    with synapse() if kind == "synapse" else fake_homeserver() as server:
        yield server


def settings_for(server: Homeserver, me: Person, **changes: str) -> dict[str, str]:
    """The environment of `triage ingest matrix`; `changes` are fields, as the environment would hold them."""
    values = {"homeserver": server.url, "user_id": me.id, "access_token": me.token} | changes
    return {PREFIX + name.upper(): value for name, value in values.items()}


@dataclass
class Heard:
    """Bursts that remember every call; `error` is raised instead while it is set."""

    posts: dict[str, Post] = field(default_factory=dict)
    calls: int = 0
    error: TransientError | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, post: Post) -> None:
        """Remember it; what is known changes nothing."""
        self._act()
        self.posts.setdefault(post.message_id, post)

    async def edit(self, _platform: str, _place: str, message_id: str, text: str) -> None:
        """Replace its text."""
        self._act()
        if message_id in self.posts:
            self.posts[message_id] = dataclasses.replace(self.posts[message_id], text=text)

    async def delete(self, _platform: str, _place: str, message_id: str) -> None:
        """Forget it."""
        self._act()
        self.posts.pop(message_id, None)

    async def run(self) -> None:
        """Wait for the end."""
        await self.stop.wait()

    @property
    def texts(self) -> list[str]:
        """What was said, in the order in which it came."""
        return [post.text for post in list(self.posts.values())]

    def _act(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error


@dataclass
class Listening:
    """A source that runs."""

    door: Door
    heard: Heard
    failed: list[BaseException]

    def until(self, what: str, ask: Callable[[], Any]) -> Any:
        """Wait until something holds; the source must not have ended."""

        def asked() -> Any:
            assert not self.failed, self.failed
            return ask()

        return wait_for(what, asked, explain=lambda: (self.door.status.describe(), self.heard.texts))

    def until_heard(self, *texts: str) -> None:
        """Wait until exactly these were said, in this order."""
        self.until(f"{len(texts)} messages are heard", lambda: self.heard.texts == list(texts))

    def until_down(self, why: str) -> None:
        """Wait until the source says that it is not connected, for this reason."""
        self.until(why, lambda: not self.door.status.is_ready and why in self.door.status.describe()["source"])

    def until_failed(self, kind: type[Exception], part: str) -> None:
        """Wait until the source has ended with this error, which is then no error of the test."""
        wait_for("the source ends", lambda: self.failed)
        error = self.failed.pop()
        assert isinstance(error, kind)
        assert part in str(error)

    def until_up(self) -> None:
        """Wait until the source is connected."""
        self.until("the source is up", lambda: self.door.status.describe()["source_up"])

    def count(self, result: str) -> float:
        """So many messages became this."""
        labels = {"producer": "matrix", "result": result}
        return self.door.metrics.registry.get_sample_value("triage_messages_total", labels) or 0.0


@contextmanager
def listening(
    url: str, server: Homeserver, me: Person, heard: Heard | None = None, **changes: str
) -> Iterator[Listening]:
    """Run the source until the end of the block; what it raises is the test's error, unless `failed` was emptied."""
    settings = load_group(MatrixSettings, PREFIX, settings_for(server, me, **{"poll_s": "5"} | changes))
    started, made = threading.Event(), []
    heard = heard or Heard()
    heard.stop = asyncio.Event()

    def open_bursts(door: Door) -> Heard:
        heard.stop = door.stop
        return heard

    async def run() -> None:
        async with opened("matrix", load_settings({}, redis_url=url), CollectorRegistry()) as door:
            made.append((Listening(door, heard, []), asyncio.get_running_loop()))
            started.set()
            try:
                await MatrixSource(settings, open_bursts).run(door)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                made[0][0].failed.append(error)
                await door.stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="matrix", daemon=True)
    thread.start()
    assert started.wait(20)
    it, loop = made[0]
    try:
        yield it
    finally:
        loop.call_soon_threadsafe(it.door.stop.set)
        thread.join(ENDS_WITHIN_S)
    assert not thread.is_alive()
    assert not it.failed, it.failed
