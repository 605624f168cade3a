"""Types of settings. A secret is known by its type: it is masked, and may stand in the file that NAME_FILE names."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from fleet import addresses

_QUOTES = "\"'"
_LONGEST_NAME = 200
_MAIL_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}")

MAX_SECONDS = 31_536_000.0
"""A year. Whatever is longer is a slip, and too long for the clocks of the libraries."""


def _check_one_line(secret: str) -> None:
    if any(not char.isprintable() for char in secret):
        raise ValueError("holds a line break or a control character: nothing but the secret may stand there")


def _check_token(token: str) -> None:
    _check_one_line(token)
    if " " in token or not token.isascii():
        raise ValueError("holds a space or a letter that no key has: nothing but the secret may stand there")
    if token[:1] in _QUOTES or token[-1:] in _QUOTES:
        raise ValueError("stands in quotes, which would be sent along: leave them away")


def _check_word(text: str) -> None:
    if not text.isprintable() or " " in text or not 0 < len(text) <= _LONGEST_NAME:
        raise ValueError("must be one word")


def _check_duration(seconds: float) -> None:
    if seconds > MAX_SECONDS:
        raise ValueError("must be at most a year")


def _check_readable(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from None


def _in_secret(check: Callable[[str], None]) -> AfterValidator:
    def checked(secret: SecretStr) -> SecretStr:
        check(secret.get_secret_value())
        return secret

    return AfterValidator(checked)


def _in_plain(check: Callable[[Any], None]) -> AfterValidator:
    def checked(value: Any) -> Any:
        check(value)
        return value

    return AfterValidator(checked)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def mail_addresses(text: str) -> frozenset[str]:
    """Read mail addresses that are separated by commas or spaces, in small letters; raises ValueError."""
    found = text.lower().replace(",", " ").split()
    if not all(_MAIL_ADDRESS.fullmatch(address) for address in found):
        raise ValueError("must be mail addresses like support@example.com, separated by commas")
    return frozenset(found)


def _listed(value: object) -> object:
    return mail_addresses(value) if isinstance(value, str) else value


Secret = Annotated[SecretStr, _in_secret(_check_one_line)]
"""A password: one line of anything."""

Token = Annotated[SecretStr, BeforeValidator(_stripped), _in_secret(_check_token)]
"""A key or token, which travels in a header."""

RedisUrl = Annotated[SecretStr, _in_secret(addresses.check_redis)]
BrokerUrl = Annotated[SecretStr, _in_secret(addresses.check_broker)]
SentryDsn = Annotated[SecretStr, _in_secret(addresses.check_dsn)]

SecretHttpUrl = Annotated[SecretStr, _in_secret(addresses.check_http_with_login)]
"""An http address that may hold a login, and so is as secret as that."""

HttpUrl = Annotated[str, _in_plain(addresses.check_http)]
"""An http address, shown in messages: it holds no login."""

ReadableFile = Annotated[Path, _in_plain(_check_readable)]

Seconds = Annotated[float, Field(gt=0), _in_plain(_check_duration)]
"""A field may have narrower bounds of its own; were the year a bound here, it would stand instead of them."""
Dollars = Annotated[Decimal, Field(ge=Decimal("0.0001"), le=1_000_000)]
"""At most what the ledger's server can add up exactly in nano-dollars."""

MailAddresses = Annotated[frozenset[str], BeforeValidator(_listed)]
"""Mail addresses, separated by commas or spaces; compared in small letters."""

ModelName = Annotated[str, _in_plain(_check_word)]


def is_secret(annotation: Any) -> bool:
    """Whether a field of this type holds a secret."""
    return annotation is SecretStr or any(is_secret(part) for part in get_args(annotation))


def is_address(annotation: Any, metadata: Sequence[Any] = ()) -> bool:
    """Whether a field holds an http address; `metadata` is what pydantic took off the annotation."""
    _, mark = get_args(HttpUrl)
    return mark in metadata or any(is_address(part, get_args(part)) for part in get_args(annotation))
