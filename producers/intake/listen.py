"""Where a producer listens, and its certificate: settings, apart from the web server so that they load fast."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from fleet.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host:port` or `[v6]:port`; raises ValueError."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the last port
            raise ValueError("host:port is needed, for example 127.0.0.1:8080 or [::]:8080")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a TLS certificate, in PEM form."""

    cert_file: Path
    key_file: Path

    def ensure_usable(self) -> None:
        """Load both files; raises ConfigurationError where that fails."""
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:  # SSLError is one
            raise ConfigurationError(f"the certificate {self.cert_file} cannot be used: {error}") from None
