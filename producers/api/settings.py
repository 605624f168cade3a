"""The settings of `triage ingest http`."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fleet.setting_types import ReadableFile
from producers.intake.listen import Certificate, Listen

PREFIX = "TRIAGE_HTTP_"


def _listen(value: object) -> object:
    return Listen.parse(value) if isinstance(value, str) else value


class HttpSettings(BaseModel):
    """`reuse_port` lets several processes share the address; `docs` serves /docs and /openapi.json."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid")

    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8080)
    """host:port"""
    max_bytes: int = Field(default=2 * 1024 * 1024, ge=1024)
    """largest body"""
    max_concurrency: int = Field(default=500, ge=1)
    """requests under way at once"""
    cert_file: ReadableFile | None = None
    """TLS certificate and key (PEM)"""
    key_file: ReadableFile | None = None
    """TLS certificate and key (PEM)"""
    reuse_port: bool = False
    """let several processes listen on the address"""
    docs: bool = True
    """serve /docs and /openapi.json"""

    @model_validator(mode="after")
    def _has_both_files(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("TRIAGE_HTTP_CERT_FILE and TRIAGE_HTTP_KEY_FILE belong together")
        return self

    @property
    def certificate(self) -> Certificate | None:
        """The TLS certificate, where one is set."""
        return Certificate(self.cert_file, self.key_file) if self.cert_file and self.key_file else None
