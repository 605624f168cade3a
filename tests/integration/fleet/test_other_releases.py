"""What is read back from Redis may have been written by another release: with something more, or something less."""

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from fleet.errors import InvalidTicketError
from fleet.ledger import Ledger
from tests.support.bench import Bench
from tests.support.clock import Clock
from tests.support.limits import MODEL, limiter_under_test_clock
from tests.support.records import ASK, LIMITS, RECORDS, Record, limiter
from worker.limits.permits import NotNow
from worker.limits.reading import read_models

pytestmark = pytest.mark.integration

MORE = "of_the_next_release"
Change = Callable[[redis.Redis], None]


@pytest.fixture(autouse=True)
def _limiter_clock() -> Iterator[None]:
    with limiter_under_test_clock():
        yield


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest) -> Record:
    return RECORDS[request.param]


def kept(client: redis.Redis, record: Record) -> Any:
    """What lies there: text, the lines of a list, or the fields of a hash."""
    key, *rest = record.place
    if rest:
        return client.hget(key, rest[0])
    kind = client.type(key)
    if kind == b"list":
        return client.lrange(key, 0, -1)
    return client.hgetall(key) if kind == b"hash" else client.get(key)


def put(client: redis.Redis, record: Record, value: Any) -> None:
    key, *rest = record.place
    if rest:
        client.hset(key, rest[0], value)
        return
    client.delete(key)
    if isinstance(value, list):
        client.rpush(key, *value)
    elif isinstance(value, dict):
        client.hset(key, mapping=value)
    else:
        client.set(key, value)


def more(value: Any) -> Any:
    """Add a name that no release knows, wherever there are names; what is packed goes on longer."""
    if isinstance(value, list):
        return [more(line) for line in value]
    if isinstance(value, dict):
        return {name: _longer(part) for name, part in value.items()} | {MORE.encode(): b"whatever it is"}
    return json.dumps(_deeply(json.loads(value), lambda part: part | {MORE: {"is": ["odd"]}}))


def less(value: Any) -> Iterator[tuple[str, Any]]:
    """Leave out one name after the other; what is packed ends sooner."""
    if isinstance(value, list):
        names = {name for line in value for name in _names(json.loads(line))}
        for name in sorted(names):
            yield name, [json.dumps(_without(json.loads(line), name)) for line in value]
    elif isinstance(value, dict):
        for name in value:
            yield name.decode(), {other: part for other, part in value.items() if other != name}
        yield "the end", {name: part[:-8] if _is_packed(part) else part for name, part in value.items()}
    else:
        said = json.loads(value)
        for name in sorted(_names(said)):
            yield name, json.dumps(_without(said, name))


def _is_packed(part: bytes) -> bool:
    return len(part) >= 16 and len(part) % 8 == 0 and b"\0" in part


def _longer(part: bytes) -> bytes:
    return part + b"\0" * 8 if _is_packed(part) else part


def _deeply(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_deeply(part, change) for part in value]
    if not isinstance(value, dict):
        return value
    return change({name: _deeply(part, change) for name, part in value.items()})


def _names(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for part in value for name in _names(part)}
    return {*value, *_names(list(value.values()))} if isinstance(value, dict) else set()


def _without(value: Any, name: str) -> Any:
    return _deeply(value, lambda part: {other: inner for other, inner in part.items() if other != name})


@pytest.fixture
def fresh(ledger: Ledger, client: redis.Redis, clock: Clock, record: Record) -> Callable[[], Bench]:
    """Begin anew, with the record written by this release."""

    def begin() -> Bench:
        now = clock.now
        client.flushall()
        clock.set(now)
        bench = Bench(ledger, client, clock)
        record.write(bench)
        return bench

    return begin


def test_a_record_with_something_more_is_read_as_if_it_were_not_there(
    record: Record, fresh: Callable[[], Bench]
) -> None:
    wanted = record.read(fresh())
    bench = fresh()
    put(bench.client, record, more(kept(bench.client, record)))
    read = record.read(bench)
    if not isinstance(wanted, list):  # pages show what they do not know
        assert repr(read).replace(MORE, "") == repr(read)
        assert type(read) is type(wanted)


def test_a_record_without_a_field_is_read_all_the_same(record: Record, fresh: Callable[[], Bench]) -> None:
    bench, refused = fresh(), set()
    for name, value in less(kept(bench.client, record)):
        bench = fresh()
        put(bench.client, record, value)
        try:
            record.read(bench)
        except InvalidTicketError:
            refused.add(name)
    assert refused <= record.needed


@pytest.mark.parametrize("kind", [0.0, 9.0])
@pytest.mark.parametrize("reason", [0.0, 99.0])
def test_a_model_stopped_for_a_reason_of_a_later_release_is_stopped(bench: Bench, kind: float, reason: float) -> None:
    until = bench.clock.now + 5_000.0
    breaker, trust = struct.pack("<10d", until, kind, *(0.0,) * 8), struct.pack("<7d", 0, 0, reason, 0, 0, 0, 0)
    bench.client.hset(f"tf:lim:{MODEL}", mapping={"breaker": breaker, "trust": trust})
    refused = limiter(bench).acquire(ASK)
    assert isinstance(refused, NotNow)
    assert refused.delay_s == 5
    (state,) = read_models(bench.client, LIMITS, [MODEL])
    assert state.stop is not None
