"""The producers' web server over real sockets: bounds, slow clients, drain."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from fastapi import FastAPI, Request

from fleet.errors import ConfigurationError
from producers.intake import web_protocol
from producers.intake.door import Door
from producers.intake.listen import Certificate, Listen
from producers.intake.web import serve_app
from producers.intake.web_bounds import Bounds
from tests.integration.producers.conftest import OpenDoor
from tests.support.server import free_port

pytestmark = pytest.mark.integration

BOUNDS = Bounds(max_bytes=1_000, most_at_once=2, body_s=0.3)


class Site:
    """A tiny application under test: it echoes the length of a body, and can be made to hang."""

    def __init__(self, door: Door, port: int) -> None:
        self.door = door
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.entered = asyncio.Semaphore(0)
        self.release = asyncio.Event()
        self.app = FastAPI()
        self.app.add_api_route("/length", self._length, methods=["POST"])
        self.app.add_api_route("/hang", self._hang, methods=["GET"])

    async def _length(self, request: Request) -> int:
        return len(await request.body())

    async def _hang(self) -> str:
        self.entered.release()
        await self.release.wait()
        return "done"


Work = Callable[[Site, aiohttp.ClientSession], Awaitable[Any]]


def on_site(open_door: OpenDoor, work: Work, bounds: Bounds = BOUNDS) -> Any:
    @asynccontextmanager
    async def served() -> AsyncIterator[Site]:
        async with open_door() as door:
            site = Site(door, free_port())
            serving = asyncio.create_task(
                serve_app(site.app, door, listen=Listen("127.0.0.1", site.port), bounds=bounds)
            )
            while "listening" not in door.status.describe()["source"]:  # noqa: ASYNC110 - the state is another's
                await asyncio.sleep(0.01)
            try:
                yield site
            finally:
                site.release.set()
                door.stop.set()
                await serving

    async def run() -> Any:
        async with served() as site, aiohttp.ClientSession() as session:
            return await work(site, session)

    return asyncio.run(run())


async def post(site: Site, session: aiohttp.ClientSession, data: Any) -> tuple[int, Any]:
    async with session.post(f"{site.url}/length", data=data) as answer:
        return answer.status, json.loads(await answer.read())


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def test_a_body_within_the_bound_is_passed_on(open_door: OpenDoor) -> None:
    assert on_site(open_door, lambda site, session: post(site, session, b"x" * 1_000)) == (200, 1_000)


def test_a_body_over_the_bound_is_413(open_door: OpenDoor) -> None:
    status, body = on_site(open_door, lambda site, session: post(site, session, b"x" * 1_001))
    assert (status, body["error"]["code"]) == (413, "too_large")


def test_a_body_of_unsaid_length_is_counted_as_it_comes(open_door: OpenDoor) -> None:
    status, body = on_site(open_door, lambda site, session: post(site, session, chunks(b"x" * 900, b"x" * 900)))
    assert (status, body["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "GZip", "identity, gzip", "aws-chunked"])
def test_a_compressed_body_is_415_whatever_its_size(open_door: OpenDoor, coding: str) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> tuple[int, Any, str]:
        headers = {"Content-Encoding": coding}
        async with session.post(f"{site.url}/length", data=b"\x1f\x8b" * 300, headers=headers) as answer:
            return answer.status, json.loads(await answer.read()), answer.headers["Accept-Encoding"]

    status, body, accepted = on_site(open_door, work)
    assert (status, body["error"]["code"], accepted) == (415, "compressed", "identity")
    assert "without that header" in body["error"]["message"]


@pytest.mark.parametrize("coding", ["identity", ""])
def test_a_body_that_is_said_to_be_as_it_is_passes(open_door: OpenDoor, coding: str) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> int:
        async with session.post(f"{site.url}/length", data=b"x", headers={"Content-Encoding": coding}) as answer:
            return answer.status

    assert on_site(open_door, work) == 200


def test_what_is_refused_for_its_compression_is_counted(open_door: OpenDoor) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> float | None:
        await session.post(f"{site.url}/length", data=b"x", headers={"Content-Encoding": "gzip"})
        labels = {"producer": "test", "result": "rejected"}
        return site.door.metrics.registry.get_sample_value("triage_messages_total", labels)

    assert on_site(open_door, work) == 1


def test_a_body_that_does_not_come_is_408(open_door: OpenDoor) -> None:
    async def work(site: Site, _session: aiohttp.ClientSession) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfour")
        answer = await reader.read()
        writer.close()
        return answer

    assert on_site(open_door, work).startswith(b"HTTP/1.1 408")


def test_an_answer_may_take_longer_than_a_body(open_door: OpenDoor) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> str:
        asking = asyncio.create_task(session.get(f"{site.url}/hang"))
        await site.entered.acquire()
        await asyncio.sleep(2 * BOUNDS.body_s)
        site.release.set()
        return await (await asking).text()

    assert on_site(open_door, work) == '"done"'


def test_more_requests_than_bound_are_503_with_a_time_to_wait(open_door: OpenDoor) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> tuple[int, str]:
        asking = [asyncio.create_task(session.get(f"{site.url}/hang")) for _ in range(BOUNDS.most_at_once)]
        for _ in asking:
            await site.entered.acquire()
        async with session.get(f"{site.url}/hang") as refused:
            found = refused.status, refused.headers["Retry-After"]
        site.release.set()
        assert [(await one).status for one in asking] == [200, 200]
        return found

    assert on_site(open_door, work) == (503, "1")


@pytest.mark.parametrize("head", [b"", b"POST /length HTTP/1.1\r\nHost: "])
def test_a_head_that_never_ends_is_cut_off(open_door: OpenDoor, head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_protocol, "HEAD_S", 0.2)

    async def work(site: Site, _session: aiohttp.ClientSession) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(head)
        answer = await reader.read()
        writer.close()
        return answer

    assert on_site(open_door, work) == b""


def test_a_huge_head_is_cut_off(open_door: OpenDoor) -> None:
    async def work(site: Site, _session: aiohttp.ClientSession) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * (web_protocol.MAX_HEAD_BYTES + 1))
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    assert on_site(open_door, work) == b""


def test_a_body_that_nobody_waits_for_has_an_end_too(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_protocol, "BODY_S", 0.2)

    async def work(site: Site, _session: aiohttp.ClientSession) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"POST /unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nbegun")
        answer = await reader.read()
        writer.close()
        return answer

    assert on_site(open_door, work).startswith(b"HTTP/1.1 404")


def test_connections_beyond_the_bound_are_closed_and_the_others_served(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_protocol, "MOST_CONNECTIONS", 2)

    async def work(site: Site, session: aiohttp.ClientSession) -> bytes:
        assert (await post(site, session, b"x"))[0] == 200
        _, idle = await asyncio.open_connection("127.0.0.1", site.port)
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        found = await reader.read()
        assert (await post(site, session, b"x"))[0] == 200
        for one in (idle, writer):
            one.close()
        return found

    assert on_site(open_door, work) == b""


def test_what_is_no_http_is_refused_in_the_form_of_every_refusal(open_door: OpenDoor) -> None:
    async def work(site: Site, _session: aiohttp.ClientSession) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"no such thing\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    head, _, body = on_site(open_door, work).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"]["code"] == "not_http"


def test_told_to_stop_it_answers_what_is_under_way_and_takes_nothing_new(open_door: OpenDoor) -> None:
    async def work(site: Site, session: aiohttp.ClientSession) -> str:
        asking = asyncio.create_task(session.get(f"{site.url}/hang"))
        await site.entered.acquire()
        site.door.stop.set()
        await _until_refused(site.port)
        site.release.set()
        return await (await asking).text()

    assert on_site(open_door, work) == '"done"'


async def _until_refused(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
        except OSError:
            return
        await asyncio.sleep(0.01)


def test_an_address_in_use_ends_the_start_with_a_message(open_door: OpenDoor) -> None:
    async def work(site: Site, _session: aiohttp.ClientSession) -> None:
        with pytest.raises(ConfigurationError, match="cannot listen"):
            await serve_app(site.app, site.door, listen=Listen("127.0.0.1", site.port), bounds=BOUNDS)

    on_site(open_door, work)


@pytest.mark.parametrize("text", ["8080", ":8080", "host:", "host:x", "host:70000", ""])
def test_where_to_listen_is_checked(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Listen.parse(text)


def test_both_families_of_addresses_are_read() -> None:
    assert (Listen.parse("[::]:80"), Listen.parse("h:0")) == (Listen("::", 80), Listen("h", 0))


def test_it_speaks_tls(open_door: OpenDoor, tmp_path: Path) -> None:
    authority, files = trustme.CA(), (tmp_path / "cert.pem", tmp_path / "key.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(files[0]))
    issued.private_key_pem.write_to_path(str(files[1]))

    async def run() -> int:
        async with open_door() as door, aiohttp.ClientSession() as session:
            site = Site(door, free_port())
            where = Listen("127.0.0.1", site.port)
            serving = asyncio.create_task(
                serve_app(site.app, door, listen=where, bounds=BOUNDS, certificate=Certificate(*files))
            )
            while "listening" not in door.status.describe()["source"]:  # noqa: ASYNC110 - the state is another's
                await asyncio.sleep(0.01)
            context = ssl.create_default_context()
            authority.configure_trust(context)
            async with session.post(f"https://127.0.0.1:{site.port}/length", data=b"abc", ssl=context) as answer:
                found = answer.status
            door.stop.set()
            await serving
            return found

    assert asyncio.run(run()) == 200


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Certificate(tmp_path / "none", tmp_path / "none").ensure_usable()
