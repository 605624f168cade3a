"""When a burst of messages ends."""

from pydantic import BaseModel, ConfigDict, Field

from fleet.setting_types import Seconds
from fleet.ticket import MAX_TEXT_BYTES

PREFIX = "TRIAGE_CHAT_"


class BurstSettings(BaseModel):
    """`quiet_s` without a message ends a burst, `longest_s` after its first one does so too, or the bounds."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, extra="forbid", allow_inf_nan=False)

    quiet_s: Seconds = 20.0
    """silence in seconds that ends a burst"""
    longest_s: Seconds = 120.0
    """the longest wait of a burst's first message"""
    max_messages: int = Field(default=50, ge=1, le=1_000)
    """messages at which a burst ends at once"""
    max_bytes: int = Field(default=MAX_TEXT_BYTES, ge=100, le=MAX_TEXT_BYTES)
    """bytes at which a burst ends at once"""
    remember_s: Seconds = 86_400.0
    """how long messages and their tickets are known to each other"""
