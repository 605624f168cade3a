"""A verdict: the validated triage of one ticket."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class DecidedBy(StrEnum):
    """Who gave the verdict. A closed set, because it labels metrics."""

    PREFILTER = "prefilter"
    SMALL = "small"
    FRONTIER = "frontier"
    POLICY = "policy"
    HUMAN = "human"


class Verdict(BaseModel):
    """Category and urgency are names of the taxonomy in force; `taxonomy` says which one that was.

    `confidence` is the probability, 0 to 1, that the model gave its own answer; `flags` are the facts
    for which policy overrode a model (closed set: see worker.guardrails.policy).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    urgency: str
    needs_human: bool
    confidence: float = Field(ge=0.0, le=1.0)
    reason: str = Field(max_length=500)
    language: str = Field(max_length=35)
    decided_by: DecidedBy
    taxonomy: str
    flags: tuple[str, ...] = ()
