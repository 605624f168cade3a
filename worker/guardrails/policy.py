"""Our rules over validated fields. The model proposes; whether a person looks, and who is paged, is decided here."""

from collections.abc import Set as AbstractSet

from fleet.lanes import Tier
from fleet.taxonomy import Taxonomy
from fleet.verdict import DecidedBy, Verdict
from worker.domain import CALL_A_HUMAN, Draft, Escalate, Finish, Flag


def judge(draft: Draft, *, tier: Tier, flags: AbstractSet[Flag], taxonomy: Taxonomy) -> Finish | Escalate:
    """Take the draft as the verdict, overrule it towards a human, or ask the frontier model."""
    rules = taxonomy.escalation
    if tier is Tier.SMALL:
        if draft.confidence < rules.small_confidence:
            return Escalate("low_confidence", draft)
        if draft.category in rules.risky_categories:
            return Escalate("risky_category", draft)
    elif draft.confidence < rules.frontier_confidence:
        flags = flags | {Flag.LOW_CONFIDENCE}
    is_called = not flags.isdisjoint(CALL_A_HUMAN)
    overruled = is_called and not draft.needs_human
    return Finish(
        Verdict(
            category=draft.category,
            urgency=draft.urgency,
            needs_human=draft.needs_human or is_called,
            confidence=draft.confidence,
            reason=draft.reason,
            language=draft.language,
            decided_by=DecidedBy.POLICY if overruled else DecidedBy(tier.value),
            taxonomy=taxonomy.version,
            flags=tuple(sorted(flags)),
        )
    )


def pages(verdict: Verdict, taxonomy: Taxonomy) -> bool:
    """Whether somebody is woken: the highest urgency, and a human has to look."""
    return verdict.needs_human and verdict.urgency == taxonomy.highest
