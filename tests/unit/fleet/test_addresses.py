import traceback
from collections.abc import Callable

import pytest

from fleet import addresses

Check = Callable[[str], None]


def said_of(check: Check, url: str) -> str:
    """What somebody reads who sees the error, traceback and all; "" where there is none."""
    try:
        check(url)
    except ValueError as error:
        return "".join(traceback.format_exception_only(error)) + repr(error.__cause__)
    return ""


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis://localhost",
        "redis://localhost:6379/0",
        "rediss://user:pass%2Fword@cache.example:6380/15?ssl_cert_reqs=none",
        "redis://:p@ss@cache/0",
        "redis://[::1]:6379/0",
        "redis://h/0?socket_timeout=5&db=3",
        "unix:///run/redis.sock?db=2",
        "unix://:password@/run/redis.sock",
    ],
)
def test_addresses_of_a_redis_are_taken(url: str) -> None:
    addresses.check_redis(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:6379", "is no address"),
        ("http://localhost", "must begin with redis://"),
        ("redis://h:port/0", "is no address of the form"),
        ("redis://h:0/0", "port 0"),
        ("redis://h:70000", "is no address of the form"),
        ("redis://user@h/0", "without a password"),
        ("redis://h/zz", "number of a database"),
        ("redis://h/0/1", "number of a database"),
        ("redis://h/0#x", "after #"),
        ("redis://h/0?foo=1", "an option"),
        ("redis://h/0?socket_timeout=soon", "an option"),
        ("redis://h/ 0", "a space"),
        ("redis://h/0\n", "a line break"),
    ],
)
def test_what_a_redis_would_not_be_found_by_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        addresses.check_redis(url)


@pytest.mark.parametrize(
    "url",
    ["amqp://", "amqp://u:p@h:5672//", "sqs://KEY:SECRET@", "memory://", "sentinel://:p@a:1;sentinel://:p@b:2"],
)
def test_addresses_of_any_broker_are_taken(url: str) -> None:
    addresses.check_broker(url)


@pytest.mark.parametrize("url", ["rabbit", "amqp://u@h", "amqp://h:x", "redis://h/zz", "amqp://a;nothing"])
def test_what_is_no_address_of_a_broker_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        addresses.check_broker(url)


@pytest.mark.parametrize(
    ("url", "is_bare"),
    [
        ("https://api.example", False),
        ("http://localhost:8000", False),
        ("http://api.localhost", False),
        ("http://127.8.9.1", False),
        ("http://[::1]:1", False),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://simulator:8089", True),
        ("http://10.0.0.1", True),
        ("http://localhost.example.com", True),
    ],
)
def test_plain_http_to_another_machine_is_bare(url: str, is_bare: bool) -> None:
    assert addresses.is_bare(url) is is_bare


def test_a_shown_address_has_no_login_and_no_query() -> None:
    assert addresses.shown("https://u:p@gate.example:8443/anthropic?key=x#y") == "https://gate.example:8443/anthropic"


def test_the_secrets_of_an_address_are_its_login_and_options() -> None:
    found = set(addresses.secrets_in("amqp://u:p%40ss@h;redis://token@h/0?password=word"))
    assert {"p%40ss", "p@ss", "token", "word"} <= found
    assert not {"h", "u", ""} & found - {""}


@pytest.mark.parametrize(
    "check", [addresses.check_redis, addresses.check_broker, addresses.check_http, addresses.check_dsn]
)
@pytest.mark.parametrize(
    "url",
    [
        "cAnArY77",
        "redis://u:cAnArY77",
        "redis://:cAnArY77#x@h/0",
        "redis://:cAnArY77/x@h:6379/0",
        "redis://[cAnArY77",
        "redis://:cAnArY77\u2100@h",
        "redis://cAnArY77@h/0",
        "redis://h/cAnArY77",
        "redis://h/0?pasword=cAnArY77",
        "https://u:cAnArY77@h",
        "https://h:cAnArY77",
    ],
)
def test_what_is_said_of_an_address_holds_nothing_of_it(check: Check, url: str) -> None:
    assert "cAnArY77" not in said_of(check, url)
