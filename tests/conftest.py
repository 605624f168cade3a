"""What every test stands on: no network but loopback, no real key, an embedded Valkey for those that ask."""

import os
import sys
from collections.abc import Iterator
from typing import TextIO, cast

import hypothesis
import pytest
import redis
import structlog

from fleet.ledger import Ledger
from fleet.settings import Settings, variable
from tests.support.bench import Bench
from tests.support.clock import Clock, server_under_test_clock
from tests.support.server import embedded_server

LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# The same examples in every run, so that a red build is red again. By hand: pytest --hypothesis-profile thorough
hypothesis.settings.register_profile(
    "ci", derandomize=True, database=None, deadline=None, max_examples=80, stateful_step_count=30
)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500, stateful_step_count=60)
hypothesis.settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--ledger-url", help="run against this EMPTY server instead of an embedded Valkey; it is flushed (no -n)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not _is_live(config):
        config.option.allow_hosts = LOOPBACK  # pytest-socket reads its options after this
        config.option.allow_unix_socket = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _is_live(config):
        return
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.skip(reason="costs money: run with -m live"))


def _is_live(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "live")


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take every variable that fleet.settings reads out of the environment: no real key, no real server."""
    with pytest.MonkeyPatch.context() as patch:
        if not _is_live(request.config):
            for name in (*map(variable, Settings.model_fields), "ANTHROPIC_AUTH_TOKEN"):
                patch.delenv(name, raising=False)
                patch.delenv(f"{name}_FILE", raising=False)
            for name in [name for name in os.environ if name.startswith("TRIAGE_")]:  # noqa: TID251 - the producers' own
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets that were read before: they would be masked in this test's messages."""
    monkeypatch.setattr("fleet.redaction._secrets", set())


class CurrentStderr:
    """Standard error as it is at the moment of writing; pytest gives each test its own."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


@pytest.fixture(autouse=True)
def logs_stay_with_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands that run in this process log to standard error as it is then, not to one test's for good."""
    factory = structlog.PrintLoggerFactory(cast("TextIO", CurrentStderr()))
    monkeypatch.setattr("fleet.log.configure_logging", lambda _settings: structlog.configure(logger_factory=factory))


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The server of this test process: one for each worker of pytest-xdist."""
    url = request.config.getoption("--ledger-url")
    if url is None:
        with embedded_server() as server:
            yield server.connection_url
        return
    with redis.Redis.from_url(url) as probe:
        if probe.dbsize():
            pytest.exit(f"{url} is not empty; the tests would flush it")
    yield url


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """A plain client of the flushed server."""
    with redis.Redis.from_url(redis_url) as plain:
        plain.flushall()
        yield plain


@pytest.fixture
def ledger(redis_url: str, client: redis.Redis) -> Iterator[Ledger]:
    """An empty ledger that runs on the server's own clock."""
    assert client.dbsize() == 0
    found = Ledger(redis_url)
    yield found
    found.close()


@pytest.fixture
def clock(client: redis.Redis) -> Iterator[Clock]:
    """Stop the ledger's clock; the test moves it."""
    with server_under_test_clock():
        yield Clock(client)


@pytest.fixture
def bench(ledger: Ledger, client: redis.Redis, clock: Clock) -> Bench:
    """An empty ledger on a clock that the test moves, with short words for the transitions."""
    return Bench(ledger, client, clock)
