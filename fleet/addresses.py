"""Addresses in settings: what is wrong with one, said without repeating it, for it may hold a password."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_REDIS = ("redis", "rediss", "unix")
_NEED_A_PASSWORD = (*_REDIS, "redis+socket", "sentinel", "amqp", "amqps", "pyamqp")
"""Schemes of which nobody uses a user without a password; there, a name alone is a password in the wrong place."""

_ESCAPES = "in a user or password, / # ? @ : are written %2F %23 %3F %40 %3A"


def split(url: str) -> SplitResult:
    """Take an address apart; the ValueError's text holds nothing of it, unlike the library's own."""
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("holds a space, a line break or a control character")
    if not _SCHEME.match(url):
        raise ValueError("is no address: it has to begin like redis:// or https://")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"is no address of the form scheme://user:password@host:port/path ({_ESCAPES})") from None
    if port == 0:
        raise ValueError("has port 0, on which nobody can listen")
    return parts


def check_redis(url: str) -> None:
    """Refuse what is no address of a Redis or Valkey server, or one that would be read in another way than it looks."""
    parts = split(url)
    if parts.scheme not in _REDIS:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    _check_user(parts)
    if parts.scheme != "unix" and not re.fullmatch(r"/?|/\d+", parts.path):
        raise ValueError(f"must end with the number of a database, like /0 ({_ESCAPES})")
    if parts.fragment:
        raise ValueError(f"has a part after # ({_ESCAPES})")
    _check_options(url)


def check_broker(url: str) -> None:
    """Refuse what no transport of Celery could read. Several addresses are separated by semicolons."""
    for one in url.split(";"):
        parts = split(one)
        if parts.scheme in _REDIS and parts.scheme != "unix":
            check_redis(one)
        _check_user(parts)


def check_http_with_login(url: str) -> None:
    """Refuse what is no http address."""
    parts = split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http:// or https:// address is needed")


def check_http(url: str) -> None:
    """Refuse what is no http address. A login in it would be shown wherever the address is, so there may be none."""
    check_http_with_login(url)
    if "@" in urlsplit(url).netloc:
        raise ValueError("must hold no user or password: an address is shown in logs and messages")


def check_dsn(dsn: str) -> None:
    """Refuse what Sentry would: a DSN is https://PUBLIC_KEY@host/PROJECT."""
    parts = split(dsn)
    project = parts.path.rpartition("/")[2]
    if parts.scheme not in ("http", "https") or not parts.username or not parts.hostname or not project.isdecimal():
        raise ValueError("a DSN of Sentry is needed: https://PUBLIC_KEY@host/PROJECT_NUMBER")


def is_bare(url: str) -> bool:
    """Whether what is sent there can be read on its way: plain http to another machine."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def shown(url: str) -> str:
    """Write an http address for a message: without a login, a query or a fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def secrets_in(url: str) -> Iterator[str]:
    """Find what is secret in an address, also in one that is none: its login, and the values of its options."""
    for one in url.split(";"):
        rest = one.partition("://")[2]
        login = rest.rpartition("@")[0]
        user, _, password = login.partition(":")
        yield from (part for raw in (login, password or user) for part in (raw, unquote(raw)))
        yield from (value for _, value in parse_qsl(rest.partition("?")[2]))


def _check_user(parts: SplitResult) -> None:
    if parts.username and parts.password is None and parts.scheme in _NEED_A_PASSWORD:
        raise ValueError("names a user without a password; a password alone is written :PASSWORD@")


def _check_options(url: str) -> None:
    from redis.connection import Connection, parse_url  # what needs no server should not load it

    try:
        options = dict(parse_url(url))  # type: ignore[no-untyped-call]  # the library has no types there
        options.pop("connection_class", Connection)(**options)
    except (ValueError, TypeError):
        raise ValueError("has an option, after the ?, that the client does not know or cannot read") from None
