"""The settings of `triage ingest smtp`."""

import re
import socket
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fleet.setting_types import MailAddresses, ReadableFile
from producers.mail.message import MAX_MAIL_BYTES

PREFIX = "TRIAGE_SMTP_"
MIB = 1024 * 1024
UNIX = "unix:"

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:\[\]]+)):(?P<port>\d{1,5})")

Network = IPv4Network | IPv6Network


class Speaks(StrEnum):
    """What the mail server in front speaks to us."""

    SMTP = "smtp"
    LMTP = "lmtp"


def _list(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(value: object) -> object:
    found = _list(value)
    return tuple(ip_network(part) for part in found) if isinstance(found, tuple) else found


Names = Annotated[tuple[str, ...], BeforeValidator(_list)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_networks)]

# The same machine, and networks that are not the internet's: where a mail server in front of us lives.
NEAR: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


class SmtpSettings(BaseModel):
    """Where to listen, whose mail to take, and the bounds. Seconds and bytes.

    `listen` is host:port or unix:PATH; in `recipients` a * stands for anything; `own` are our addresses.
    """

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid", allow_inf_nan=False)

    listen: str = "127.0.0.1:2525"
    """host:port ([::]:2525 for IPv6), or unix:/path/of/a/socket"""
    protocol: Speaks = Speaks.SMTP
    """smtp or lmtp"""
    hostname: str = Field(default_factory=socket.gethostname, pattern=r"^[A-Za-z0-9._-]{1,255}$")
    """the name in the greeting"""
    recipients: Names = Field(min_length=1)
    """addresses that are ours, separated by commas; * stands for anything"""
    peers: Networks = Field(default=NEAR, min_length=1)
    """networks whose clients may deliver, separated by commas"""
    own: MailAddresses = frozenset()
    """our addresses, separated by commas, besides those of TRIAGE_OWN_ADDRESSES: by them our own words coming back
    and groups of ours are known"""

    cert_file: ReadableFile | None = None
    """certificate chain and key (PEM) for STARTTLS; read at the start"""
    key_file: ReadableFile | None = None
    """certificate chain and key (PEM) for STARTTLS; read at the start"""
    require_tls: bool = False
    """take no mail without STARTTLS"""

    max_bytes: int = Field(default=25 * MIB, ge=1_024, le=MAX_MAIL_BYTES)
    """greatest mail; at most 50 MiB"""
    max_bytes_in_flight: int = Field(default=64 * MIB, ge=1_024)
    """all mails under way together"""
    max_connections: int = Field(default=100, ge=1, le=10_000)
    """open connections"""
    timeout_s: float = Field(default=300.0, gt=0, le=3_600)
    """the longest wait for a command, or for 64 KiB of a mail"""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.socket_path and not self._has_host_and_port():
            raise ValueError("TRIAGE_SMTP_LISTEN: host:port is needed ([::]:2525 for IPv6), or unix:/path/of/a/socket")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("TRIAGE_SMTP_CERT_FILE and TRIAGE_SMTP_KEY_FILE belong together: set both or neither")
        if self.require_tls and self.cert_file is None:
            raise ValueError("TRIAGE_SMTP_REQUIRE_TLS needs TRIAGE_SMTP_CERT_FILE and TRIAGE_SMTP_KEY_FILE")
        if self.max_bytes_in_flight < self.max_bytes:
            raise ValueError("TRIAGE_SMTP_MAX_BYTES_IN_FLIGHT is below TRIAGE_SMTP_MAX_BYTES: no large mail could pass")
        return self

    def _has_host_and_port(self) -> bool:
        found = _HOST_PORT.fullmatch(self.listen)
        return found is not None and 0 < int(found["port"]) < 2**16

    @property
    def socket_path(self) -> str:
        """The file of the Unix socket; empty where we listen on a port."""
        return self.listen.removeprefix(UNIX) if self.listen.startswith(UNIX) else ""

    @property
    def host_and_port(self) -> tuple[str, int]:
        """The address to listen on."""
        found = _HOST_PORT.fullmatch(self.listen)
        assert found is not None
        return found["v6"] or found["host"], int(found["port"])
