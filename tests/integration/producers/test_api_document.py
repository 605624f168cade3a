"""schemathesis reads the OpenAPI document and tries what it allows and what it forbids, against a real server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.integration.producers.conftest import OpenDoor
from tests.support.api import Caller, make_token, served

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]


@contextmanager
def running(open_door: OpenDoor, secret: str) -> Iterator[Caller]:
    """Serve the API on a loop of its own, as schemathesis blocks."""
    ready, end, found = threading.Event(), asyncio.Event(), list[Caller]()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with open_door() as door, served(door, secret) as caller:
            found.append(caller)
            loops.append(asyncio.get_running_loop())
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    try:
        yield found[0]
    finally:
        loops[0].call_soon_threadsafe(end.set)
        thread.join()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_that_the_document_allows_or_forbids_is_an_error_of_ours(
    open_door: OpenDoor, client: redis.Redis, mode: GenerationMode
) -> None:
    secret = make_token(client)
    headers = {"Authorization": f"Bearer {secret}"}
    statuses: set[int] = set()

    def try_out(case: "schemathesis.Case[Any]") -> None:
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS, headers=headers)

    with running(open_door, secret) as caller:
        for found in schemathesis.openapi.from_url(f"{caller.url}/openapi.json").get_all_operations():
            operation = found.ok()  # type: ignore[union-attr]
            example = given(operation.as_strategy(generation_mode=mode))(lambda case: try_out(case))  # noqa: PLW0108 - a fresh function each time
            settings(max_examples=100, suppress_health_check=list(HealthCheck))(example)()
    expected = {202, 404} if mode is GenerationMode.POSITIVE else {422}
    assert expected <= statuses, statuses
