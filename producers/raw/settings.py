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

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: RedisUrl | None = None
    lists: Names = ("tickets:in",)
    streams: Names = ()
    group: str = Field(default="triage", min_length=1)
    batch: int = Field(default=100, ge=1, le=1_000)
    takeover_s: Seconds = Field(default=10.0, le=3_600)
    delete_entries: bool = True

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if not self.lists and not self.streams:
            raise ValueError("neither a list nor a stream is named")
        return self
