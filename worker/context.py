"""What a tier hands on to the next with an escalated ticket: written as JSON, read back whatever release wrote it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fleet.lanes import Tier
from fleet.taxonomy import Taxonomy
from worker.domain import Draft, Escalate

_DRAFT = TypeAdapter(Draft)


@dataclass(frozen=True, slots=True)
class Context:
    """What was learnt of a ticket before it came here; `raw` is all of it, not understood or not."""

    tier: Tier | None = None
    small_draft: Draft | None = None
    raw: dict[str, Any] = field(default_factory=dict)


def write_context(decision: Escalate) -> str:
    """Write why a ticket goes to the frontier, and what the small model thought."""
    context: dict[str, Any] = {"tier": Tier.FRONTIER, "escalated_for": decision.reason}
    if decision.draft is not None:
        context["small_draft"] = asdict(decision.draft)
    return json.dumps(context)


def read_context(raw: str, taxonomy: Taxonomy) -> Context:
    """Read it back. Never fails: without a context the ticket is triaged all the same."""
    try:
        said = json.loads(raw) if raw else {}
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        return Context()
    tier = Tier.FRONTIER if said.get("tier") == Tier.FRONTIER else None
    return Context(tier, _draft(said.get("small_draft"), taxonomy), said)


def _draft(said: Any, taxonomy: Taxonomy) -> Draft | None:
    """The draft in it, but for what a later release added; None where a field is missing, or a name is not ours."""
    try:
        draft = _DRAFT.validate_json(json.dumps(said), strict=True)
    except ValidationError:
        return None
    # The taxonomy may have changed since, and a draft may yet become the verdict.
    is_within = draft.category in taxonomy.category_names and draft.urgency in taxonomy.urgency_names
    return draft if is_within and 0 <= draft.confidence <= 1 else None
