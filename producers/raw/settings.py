"""The settings of `triage ingest redis`."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fleet.setting_types import RedisUrl, Seconds

PREFIX = "TRIAGE_RAW_"


def _names(value: object) -> object:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class RawSettings(BaseModel):
    """`url` is where others write (the ledger's server unless set); `lists` and `streams` are names of keys."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid")

    url: RedisUrl | None = None
    """the server that the lists and streams are on"""
    lists: Names = ("tickets:in",)
    """lists to read, separated by commas; pushed on the left, read on the right"""
    streams: Names = ()
    """streams to read"""
    group: str = Field(default="triage", min_length=1)
    """the consumer group"""
    batch: int = Field(default=100, ge=1, le=1_000)
    """items under way at once"""
    takeover_s: Seconds = Field(default=10.0, le=3_600)
    """silence after which a reader counts as dead"""
    delete_entries: bool = True
    """delete accepted entries of streams; false where other groups read them, and somebody trims"""

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not self.lists and not self.streams:
            raise ValueError("neither a list nor a stream is named")
        return self
