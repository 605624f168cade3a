"""From the model's text to a draft that lies within the taxonomy, or the reason why not."""

import re

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.taxonomy import Taxonomy
from worker.domain import Draft, ParseFailure, Reply

_MAX_REASON = 500
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    category: str
    urgency: str
    needs_human: bool
    confidence: float = Field(ge=0.0, le=1.0, allow_inf_nan=False)
    reason: str
    language: str


def parse(reply: Reply, taxonomy: Taxonomy) -> Draft | ParseFailure:
    """Validate a reply. Nothing is guessed or mended here: what does not fit is named."""
    if reply.stop_reason == "refusal":
        return ParseFailure.REFUSAL
    if reply.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        return ParseFailure.TRUNCATED
    if not reply.text.strip():
        return ParseFailure.EMPTY
    try:
        answer = _Answer.model_validate_json(reply.text)
    except ValidationError as error:
        is_json = all(item["type"] != "json_invalid" for item in error.errors(include_url=False))
        return ParseFailure.SCHEMA if is_json else ParseFailure.JSON
    if answer.category not in taxonomy.category_names or answer.urgency not in taxonomy.urgency_names:
        return ParseFailure.TAXONOMY
    language = answer.language if _LANGUAGE.fullmatch(answer.language) else "und"
    reason = answer.reason.strip()[:_MAX_REASON]
    return Draft(answer.category, answer.urgency, answer.needs_human, answer.confidence, reason, language)


def complaint(failure: ParseFailure, taxonomy: Taxonomy) -> str:
    """Tell the model what was wrong with its reply, for the one repair call."""
    problems = {
        ParseFailure.JSON: "it is not one JSON object",
        ParseFailure.SCHEMA: "a field is missing, unknown or of the wrong type",
        ParseFailure.EMPTY: "it has no text",
        ParseFailure.TAXONOMY: "category or urgency is not one of the allowed names",
    }
    return (
        f"That reply cannot be used: {problems.get(failure, failure)}. Reply with exactly one JSON object of the given "
        f"schema. Categories: {', '.join(taxonomy.category_names)}. Urgency: {', '.join(taxonomy.urgency_names)}."
    )
