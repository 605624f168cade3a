from dataclasses import replace

import pytest

from fleet.lanes import Tier
from fleet.taxonomy import load_taxonomy
from fleet.verdict import DecidedBy, Verdict
from tests.support.taxonomies import clinic
from worker.domain import Draft, Escalate, Finish, Flag
from worker.guardrails.policy import judge, pages

TAXONOMY = load_taxonomy()
DRAFT = Draft("technical", "low", False, 0.9, "asks how", "en")
NONE: frozenset[Flag] = frozenset()


def verdict(draft: Draft, tier: Tier, flags: frozenset[Flag] = NONE) -> Verdict:
    judged = judge(draft, tier=tier, flags=flags, taxonomy=TAXONOMY)
    assert isinstance(judged, Finish)
    return judged.verdict


@pytest.mark.parametrize("tier", list(Tier))
def test_a_sure_draft_is_the_verdict_of_its_tier(tier: Tier) -> None:
    found = verdict(DRAFT, tier)
    assert found.decided_by == DecidedBy(tier.value)
    assert (found.category, found.urgency, found.needs_human, found.confidence) == ("technical", "low", False, 0.9)
    assert (found.reason, found.language, found.taxonomy, found.flags) == ("asks how", "en", TAXONOMY.version, ())


def test_a_small_model_in_doubt_asks_the_frontier() -> None:
    unsure = replace(DRAFT, confidence=0.59)
    assert judge(unsure, tier=Tier.SMALL, flags=NONE, taxonomy=TAXONOMY) == Escalate("low_confidence", unsure)


def test_the_bound_itself_is_enough() -> None:
    assert verdict(replace(DRAFT, confidence=0.60), Tier.SMALL).decided_by is DecidedBy.SMALL
    assert verdict(replace(DRAFT, confidence=0.50), Tier.FRONTIER).decided_by is DecidedBy.FRONTIER


def test_a_frontier_model_in_doubt_calls_a_human() -> None:
    found = verdict(replace(DRAFT, confidence=0.49), Tier.FRONTIER)
    assert found.needs_human
    assert found.decided_by is DecidedBy.POLICY
    assert found.flags == (Flag.LOW_CONFIDENCE,)
    assert found.confidence == 0.49


def test_a_flag_calls_a_human_over_the_models_head() -> None:
    found = verdict(DRAFT, Tier.FRONTIER, frozenset({Flag.INJECTION}))
    assert (found.needs_human, found.decided_by, found.flags) == (True, DecidedBy.POLICY, (Flag.INJECTION,))


def test_two_parts_that_say_different_things_call_a_human() -> None:
    found = verdict(DRAFT, Tier.SMALL, frozenset({Flag.PARTS_DIFFER}))
    assert (found.needs_human, found.decided_by, found.flags) == (True, DecidedBy.POLICY, (Flag.PARTS_DIFFER,))


def test_hidden_text_alone_is_shown_and_calls_nobody() -> None:
    found = verdict(DRAFT, Tier.SMALL, frozenset({Flag.HIDDEN_TEXT}))
    assert (found.needs_human, found.decided_by, found.flags) == (False, DecidedBy.SMALL, (Flag.HIDDEN_TEXT,))
    assert verdict(DRAFT, Tier.FRONTIER, frozenset({Flag.HIDDEN_TEXT, Flag.INJECTION})).needs_human


def test_who_called_for_a_human_first_has_decided() -> None:
    found = verdict(replace(DRAFT, needs_human=True), Tier.FRONTIER, frozenset({Flag.INJECTION}))
    assert (found.needs_human, found.decided_by) == (True, DecidedBy.FRONTIER)


def test_flags_never_lower_the_urgency() -> None:
    found = verdict(replace(DRAFT, urgency="high"), Tier.FRONTIER, frozenset({Flag.INJECTION}))
    assert found.urgency == "high"


def test_a_risky_category_is_not_the_small_models_to_decide() -> None:
    taxonomy = clinic(risky_categories=["legal"])
    legal = Draft("legal", "now", True, 1.0, "a complaint", "en")
    assert judge(legal, tier=Tier.SMALL, flags=NONE, taxonomy=taxonomy) == Escalate("risky_category", legal)
    assert isinstance(judge(legal, tier=Tier.FRONTIER, flags=NONE, taxonomy=taxonomy), Finish)


@pytest.mark.parametrize(
    ("urgency", "needs_human", "wakes"),
    [("now", True, True), ("now", False, False), ("today", True, False), ("whenever", True, False)],
)
def test_only_the_highest_urgency_that_needs_a_human_wakes_somebody(
    urgency: str, *, needs_human: bool, wakes: bool
) -> None:
    taxonomy = clinic()
    draft = Draft("rest", urgency, needs_human, 1.0, "why", "en")
    judged = judge(draft, tier=Tier.FRONTIER, flags=NONE, taxonomy=taxonomy)
    assert isinstance(judged, Finish)
    assert pages(judged.verdict, taxonomy) is wakes
