import json
from typing import Any

import pytest

from fleet.lanes import Tier
from fleet.taxonomy import load_taxonomy
from worker.context import Context, read_context, write_context
from worker.domain import Draft, Escalate

TAXONOMY = load_taxonomy()
DRAFT = Draft("billing", "low", needs_human=False, confidence=0.4, reason="a bill", language="en")
SAID = json.loads(write_context(Escalate("low_confidence", DRAFT)))


def read(said: Any) -> Context:
    return read_context(json.dumps(said), TAXONOMY)


def test_a_context_is_read_as_it_was_written() -> None:
    assert read(SAID) == Context(Tier.FRONTIER, DRAFT, SAID)
    assert read_context(write_context(Escalate("language")), TAXONOMY).small_draft is None


def test_a_ticket_that_was_not_escalated_has_none() -> None:
    assert read_context("", TAXONOMY) == Context()


def test_what_another_release_adds_is_passed_on_and_disturbs_nothing() -> None:
    newer = {**SAID, "mood": "sad", "small_draft": {**SAID["small_draft"], "sentiment": -1}}
    assert read(newer) == Context(Tier.FRONTIER, DRAFT, newer)


@pytest.mark.parametrize("name", sorted(SAID["small_draft"]))
def test_a_draft_without_a_field_is_none_and_the_ticket_goes_on(name: str) -> None:
    less = {key: value for key, value in SAID["small_draft"].items() if key != name}
    assert read({**SAID, "small_draft": less}) == Context(Tier.FRONTIER, None, {**SAID, "small_draft": less})


@pytest.mark.parametrize(
    "change",
    [{"category": "legal"}, {"urgency": "medium"}, {"confidence": "0.4"}, {"confidence": 7}, {"needs_human": "no"}],
)
def test_a_draft_outside_the_taxonomy_or_of_other_types_is_none(change: dict[str, Any]) -> None:
    assert read({**SAID, "small_draft": SAID["small_draft"] | change}).small_draft is None


@pytest.mark.parametrize("raw", ["not json", "[]", "null", "7", '{"tier": ["frontier"]}', '{"tier": "medium"}'])
def test_whatever_it_is_the_ticket_goes_on(raw: str) -> None:
    context = read_context(raw, TAXONOMY)
    assert (context.tier, context.small_draft) == (None, None)
