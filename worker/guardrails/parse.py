"""From the model's text to a draft that lies within the taxonomy, or the reason why not."""

import re

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.taxonomy import Taxonomy
from worker.domain import Draft, ParseFailure, Reply, Unusable

SAID_CHARACTERS = 300
"""So much of an unusable reply is kept with its ticket: enough to tell prose from an echo from a cut object."""

_MAX_REASON = 500
_MAX_NAME = 40
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_FENCE = "```"


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    reason: str
    language: str
    category: str
    urgency: str
    needs_human: bool
    confidence: float = Field(ge=0.0, le=1.0, allow_inf_nan=False)


_TYPES = {
    "reason": "string",
    "language": "string",
    "category": "string",
    "urgency": "string",
    "needs_human": "true or false",
    "confidence": "number from 0 to 1",
}
_FAULTS = {"missing": "is missing", "extra_forbidden": "is no field of the schema"}


def parse(reply: Reply, taxonomy: Taxonomy) -> Draft | Unusable:
    """Validate a reply. Nothing is guessed or mended: what does not fit is named."""
    text = reply.text
    if reply.stop_reason == "refusal":
        return Unusable(ParseFailure.REFUSAL, reply.refusal[:_MAX_NAME], text)
    if reply.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        return Unusable(ParseFailure.TRUNCATED, f"stopped by {reply.stop_reason}", text)
    if not text.strip():
        return Unusable(ParseFailure.EMPTY, "no text", text)
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError as error:
        return _wrong(error, text)
    for field, name, allowed in (
        ("category", answer.category, taxonomy.category_names),
        ("urgency", answer.urgency, taxonomy.urgency_names),
    ):
        if name not in allowed:
            return Unusable(ParseFailure.TAXONOMY, f"{field}: not one of the allowed names", text)
    language = answer.language if _LANGUAGE.fullmatch(answer.language) else "und"
    reason = answer.reason.strip()[:_MAX_REASON]
    return Draft(answer.category, answer.urgency, answer.needs_human, answer.confidence, reason, language)


def unfenced(text: str) -> str | None:
    """Return what stands in a reply that is one code fence and nothing else; None for every other reply.

    Servers that do not enforce the schema wrap a right answer so. Words around it, or a second fence, are a doubt.
    """
    stripped = text.strip()
    is_fence = stripped.startswith(_FENCE) and stripped.endswith(_FENCE) and stripped.count(_FENCE) == 2  # noqa: PLR2004 - one opens, one closes
    label, newline, inside = stripped.removesuffix(_FENCE).removeprefix(_FENCE).partition("\n")
    if not is_fence or not newline or label.strip().lower() not in ("", "json"):
        return None
    return inside.strip() or None


def excerpt(text: str) -> str:
    """Cut a reply to what the ticket's story keeps of it; what a terminal would obey is escaped."""
    kept = text.strip()[:SAID_CHARACTERS]
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in kept)


def complaint(unusable: Unusable, taxonomy: Taxonomy) -> str:
    """Tell the model what was wrong, for the one repair call. A server may never have shown it the schema."""
    problems = {
        ParseFailure.JSON: "it is not one bare JSON object",
        ParseFailure.SCHEMA: "a field is missing, unknown or of the wrong type",
        ParseFailure.EMPTY: "it has no text",
        ParseFailure.TAXONOMY: "category or urgency is not one of the allowed names",
    }
    fields = ", ".join(f"{name} ({kind})" for name, kind in _TYPES.items())
    why = f" ({unusable.why})" if unusable.failure is ParseFailure.SCHEMA else ""
    return (
        f"That reply cannot be used: {problems.get(unusable.failure, unusable.failure)}{why}. About the ticket above, "
        "reply with exactly one JSON object, with no code fence and no words around it, that has exactly these fields: "
        f"{fields}. Categories: {', '.join(taxonomy.category_names)}. Urgency: {', '.join(taxonomy.urgency_names)}. "
        "Do not mention this correction in the reason."
    )


def _wrong(error: ValidationError, text: str) -> Unusable:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Unusable(ParseFailure.JSON, first["msg"], text)
    name = str(first["loc"][0]) if first["loc"] else "the reply"
    # The name of an unknown field is the model's own text.
    name = name if name in _TYPES or not first["loc"] else repr(name[:_MAX_NAME])
    return Unusable(ParseFailure.SCHEMA, f"{name}: {_FAULTS.get(first['type'], first['msg'])}", text)
