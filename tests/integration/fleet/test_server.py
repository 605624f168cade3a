from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fleet.errors import ConfigurationError, LedgerUnavailableError, SchemaTooNewError
from fleet.ledger import server
from tests.support.server import free_port

pytestmark = pytest.mark.integration


@pytest.fixture
def unfit(client: redis.Redis) -> Iterator[redis.Redis]:
    """A server with both policies wrong."""
    client.config_set("appendonly", "no")
    client.config_set("maxmemory-policy", "allkeys-lru")
    yield client
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("appendonly", "yes")


def test_a_fit_server_passes_without_a_word(client: redis.Redis) -> None:
    assert [finding.subject for finding in server.inspect_server(client)] == [
        "server",
        "appendonly",
        "maxmemory-policy",
    ]
    assert server.ensure_fit(client, allow_unsafe=False) == []
    assert client.get(server.SCHEMA_KEY) == b"1"


def test_an_unfit_server_is_refused_and_each_remedy_is_named(unfit: redis.Redis) -> None:
    with pytest.raises(ConfigurationError) as caught:
        server.ensure_fit(unfit, allow_unsafe=False)
    message = str(caught.value)
    assert "appendonly no: set appendonly yes" in message
    assert "maxmemory-policy allkeys-lru: set maxmemory-policy noeviction" in message
    assert "TRIAGE_ALLOW_UNSAFE_REDIS=true" in message
    assert unfit.dbsize() == 0


def test_an_unfit_server_that_is_allowed_gives_warnings(unfit: redis.Redis) -> None:
    warnings = server.ensure_fit(unfit, allow_unsafe=True)
    assert [warning.split(":")[0] for warning in warnings] == [
        "the ledger's server has appendonly no",
        "the ledger's server has maxmemory-policy allkeys-lru",
    ]


def test_a_server_that_forbids_config_is_named_as_unknown(client: redis.Redis, redis_url: str) -> None:
    client.acl_setuser("hosted", enabled=True, nopass=True, keys=["*"], categories=["+@all"], commands=["-config"])
    try:
        with (
            redis.Redis.from_url(redis_url, username="hosted", password="any") as hosted,
            pytest.raises(ConfigurationError, match="CONFIG GET is refused"),
        ):
            server.ensure_fit(hosted, allow_unsafe=False)
    finally:
        client.acl_deluser("hosted")


def test_a_server_that_is_gone_is_unavailable_and_not_unfit() -> None:
    with (
        redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)) as gone,
        pytest.raises(LedgerUnavailableError, match="did not answer"),
    ):
        server.ensure_fit(gone, allow_unsafe=False)


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"redis_version": "6.2.14"}, "Redis 6.2.14 is too old: 7.0 is needed"),
        ({"redis_version": "7.2.4", "valkey_version": "7.2.9"}, "Valkey 7.2.9 is too old: 8.0 is needed"),
        ({"redis_version": "7.0.15"}, "Redis 7.0.15"),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, "Valkey 9.1.2"),
        ({"redis_version": "10.0.0"}, "Redis 10.0.0"),
    ],
)
def test_an_old_server_is_named_with_the_version_that_is_needed(info: dict[str, str], message: str) -> None:
    finding = server._version(info)
    assert finding.message == message
    assert finding.is_ok is ("too old" not in message)


def test_a_ledger_of_a_newer_release_is_refused_and_left_as_it_is(client: redis.Redis) -> None:
    client.set(server.SCHEMA_KEY, 2)
    with pytest.raises(SchemaTooNewError, match="schema 2, this release knows up to 1: upgrade this process"):
        server.ensure_schema(client)
    with pytest.raises(SchemaTooNewError):
        server.ensure_fit(client, allow_unsafe=True)
    assert client.get(server.SCHEMA_KEY) == b"2"


def test_marking_the_schema_twice_is_nothing(client: redis.Redis) -> None:
    server.ensure_schema(client)
    server.ensure_schema(client)
    assert client.get(server.SCHEMA_KEY) == b"1"
