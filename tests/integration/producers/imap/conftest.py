"""A mail server for the tests of this folder, and the texts of what the ledger took in."""

from collections.abc import Callable, Iterator

import pytest

from tests.servers.dovecot import Dovecot, dovecot
from tests.support.producers import accepted_bodies

Bodies = Callable[[], list[str]]


@pytest.fixture(scope="module")
def running_server() -> Iterator[Dovecot]:
    """One Dovecot for all tests of a file."""
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running_server: Dovecot) -> Dovecot:
    """A Dovecot whose mailbox is empty."""
    running_server.empty()
    return running_server


@pytest.fixture
def bodies(redis_url: str) -> Bodies:
    """Read the bodies of all tickets of the ledger."""
    return lambda: accepted_bodies(redis_url)
