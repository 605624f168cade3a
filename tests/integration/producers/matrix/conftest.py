"""Homeservers for the tests of this folder: the double and, where it is installed, the real one."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import redis

from tests.support.homeserver import FakeHomeserver, fake_homeserver
from tests.support.matrix_listening import EITHER, homeserver
from tests.support.matrix_people import Homeserver, Person

_numbers = itertools.count()


@dataclass(frozen=True)
class Scene:
    """A homeserver on which support and a customer share a room."""

    server: Homeserver
    support: Person
    customer: Person
    room: str


def set_scene(server: Homeserver) -> Scene:
    """Make two people and a room."""
    number = next(_numbers)
    support, customer = server.register(f"support{number}"), server.register(f"customer{number}")
    room = customer.open_room(support)
    support.join(room)
    return Scene(server, support, customer, room)


@pytest.fixture(scope="module", params=EITHER)
def either_server(request: pytest.FixtureRequest) -> Iterator[Homeserver]:
    """One homeserver of either kind for all tests of a file."""
    with homeserver(request.param) as server:
        yield server


@pytest.fixture(scope="module")
def double() -> Iterator[FakeHomeserver]:
    """The double, whose faults a test may choose."""
    with fake_homeserver() as server:
        yield server


@pytest.fixture
def scene(either_server: Homeserver) -> Scene:
    """Two people and a room on a homeserver of either kind."""
    return set_scene(either_server)


@pytest.fixture
def url(client: redis.Redis, redis_url: str) -> str:
    """An empty ledger."""
    assert client.dbsize() == 0
    return redis_url
