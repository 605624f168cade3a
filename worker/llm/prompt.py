"""Prompts: versioned files, the stable part of a request, which the provider can cache. The ticket comes after it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic.types import OutputConfigParam, TextBlockParam

from fleet.taxonomy import Choice, Taxonomy

VERSION = "triage-2"
"""Name of the prompt file in use; written with every call. A changed text is a new file."""

_FOLDER = Path(__file__).with_name("prompts")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The part of every request that never changes while a taxonomy is in force."""

    version: str
    system: list[TextBlockParam]
    output_config: OutputConfigParam
    size_bytes: int


def build_prompt(taxonomy: Taxonomy, version: str = VERSION) -> Prompt:
    """Fill the taxonomy into the prompt file and make the closed schema of the reply."""
    template = (_FOLDER / f"{version}.md").read_text("utf-8")
    text = template.format(categories=_list(taxonomy.categories), urgencies=_list(taxonomy.urgencies))
    block: TextBlockParam = {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    schema = reply_schema(taxonomy)
    size_bytes = len(text.encode()) + len(json.dumps(schema).encode())
    return Prompt(version, [block], {"format": {"type": "json_schema", "schema": schema}}, size_bytes)


def reply_schema(taxonomy: Taxonomy) -> dict[str, Any]:
    """Make the JSON schema of a reply. Reason first: a model that states its facts before the answer answers better."""
    properties: dict[str, Any] = {
        "reason": {"type": "string", "description": "one sentence naming the facts that decided"},
        "language": {"type": "string", "description": "BCP 47 tag of the customer's text"},
        "category": _enum(taxonomy.categories),
        "urgency": _enum(taxonomy.urgencies),
        "needs_human": {"type": "boolean", "description": "whether a person has to look at the ticket"},
        "confidence": {"type": "number", "description": "probability from 0 to 1 that all answers are right"},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(choices: tuple[Choice, ...]) -> str:
    return "\n".join(f"- {choice.name}: {choice.description}" for choice in choices)


def _enum(choices: tuple[Choice, ...]) -> dict[str, Any]:
    described = "; ".join(f"{choice.name}: {choice.description}" for choice in choices)
    return {"type": "string", "enum": [choice.name for choice in choices], "description": described}
