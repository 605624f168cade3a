import json
from typing import Any

import pytest

from fleet.taxonomy import Taxonomy, load_taxonomy
from fleet.verdict import Verdict
from tests.support.scripted import reply, text
from tests.support.taxonomies import clinic
from worker.domain import Draft, ParseFailure, Reply, Unusable
from worker.guardrails.parse import SAID_CHARACTERS, complaint, excerpt, parse, unfenced

TAXONOMY = load_taxonomy()


def unusable(answer: Reply, taxonomy: Taxonomy = TAXONOMY) -> Unusable:
    found = parse(answer, taxonomy)
    assert isinstance(found, Unusable), found
    return found


def failure_of(answer: Reply, taxonomy: Taxonomy = TAXONOMY) -> ParseFailure:
    return unusable(answer, taxonomy).failure


def draft(answer: Reply) -> Draft:
    found = parse(answer, TAXONOMY)
    assert isinstance(found, Draft), found
    return found


def test_a_reply_within_the_taxonomy_is_a_draft() -> None:
    assert draft(reply()) == Draft("billing", "high", True, 0.9, "The customer was charged twice.", "en")


NOT_JSON = [
    "I think it is billing.",
    f"```json\n{text()}\n```",
    f"Sure! Here it is: {text()}",
    text()[:-1],
    text() + text(),
    '{"reason": "\\ud800"}',
    "{'category': 'billing'}",
]


@pytest.mark.parametrize("raw", NOT_JSON)
def test_what_is_not_one_json_object_is_named_json(raw: str) -> None:
    assert failure_of(reply(raw)) is ParseFailure.JSON


WRONG_SHAPE: list[dict[str, Any]] = [
    {"confidence": float("nan")},
    {"confidence": float("inf")},
    {"confidence": 1.01},
    {"confidence": -0.1},
    {"confidence": "0.9"},
    {"confidence": None},
    {"confidence": True},
    {"needs_human": "true"},
    {"needs_human": 1},
    {"needs_human": None},
    {"category": ["billing"]},
    {"category": None},
    {"reason": 7},
    {"page": True},
]


@pytest.mark.parametrize("changes", WRONG_SHAPE, ids=str)
def test_a_field_of_the_wrong_kind_is_named_schema(changes: dict[str, Any]) -> None:
    assert failure_of(reply(**changes)) is ParseFailure.SCHEMA


@pytest.mark.parametrize("missing", ["reason", "language", "category", "urgency", "needs_human", "confidence"])
def test_a_missing_field_is_named_schema(missing: str) -> None:
    answer = json.loads(text())
    del answer[missing]
    assert failure_of(reply(json.dumps(answer))) is ParseFailure.SCHEMA


@pytest.mark.parametrize("raw", ["[]", '"billing"', "null", "1", f"[{text()}]"])
def test_json_that_is_no_object_is_named_schema(raw: str) -> None:
    assert failure_of(reply(raw)) is ParseFailure.SCHEMA


OUTSIDE = [{"category": "Billing"}, {"category": "billing "}, {"category": ""}, {"urgency": "HIGH"}, {"urgency": "now"}]


@pytest.mark.parametrize("changes", OUTSIDE, ids=str)
def test_a_name_outside_the_taxonomy_is_never_guessed(changes: dict[str, Any]) -> None:
    assert failure_of(reply(**changes)) is ParseFailure.TAXONOMY


@pytest.mark.parametrize("stop_reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_cut_reply_is_truncated_even_if_it_parses(stop_reason: str) -> None:
    assert failure_of(reply(stop_reason=stop_reason)) is ParseFailure.TRUNCATED


@pytest.mark.parametrize("raw", ["", "I can't help with that.", text()])
def test_a_refusal_is_a_refusal_whatever_it_says(raw: str) -> None:
    assert failure_of(reply(raw, "refusal")) is ParseFailure.REFUSAL


@pytest.mark.parametrize("raw", ["", " \n\t"])
def test_a_reply_without_text_is_empty(raw: str) -> None:
    assert failure_of(reply(raw)) is ParseFailure.EMPTY


def test_white_space_and_whole_numbers_are_fine() -> None:
    assert draft(reply(f"\n {text(confidence=1)} \n")).confidence == 1.0
    assert draft(reply(confidence=0)).confidence == 0.0


def test_a_reason_is_cut_to_what_a_verdict_holds() -> None:
    found = draft(reply(reason=f"  {'long ' * 500}"))
    assert len(found.reason) == 500
    Verdict(
        category=found.category,
        urgency=found.urgency,
        needs_human=found.needs_human,
        confidence=found.confidence,
        reason=found.reason,
        language=found.language,
        decided_by="small",
        taxonomy="x",
    )


@pytest.mark.parametrize("language", ["en", "pt-BR", "zh-Hans-CN", "und"])
def test_a_language_tag_is_kept(language: str) -> None:
    assert draft(reply(language=language)).language == language


@pytest.mark.parametrize("language", ["English (US)", "", "en\n", "e", "en-<script>", "x" * 40])
def test_what_is_no_language_tag_becomes_undetermined(language: str) -> None:
    assert draft(reply(language=language)).language == "und"


def test_another_taxonomy_is_as_closed() -> None:
    taxonomy = clinic()
    assert isinstance(parse(reply(category="legal", urgency="today"), taxonomy), Draft)
    assert failure_of(reply(), taxonomy) is ParseFailure.TAXONOMY


@pytest.mark.parametrize("failure", list(ParseFailure))
def test_a_complaint_names_what_is_allowed(failure: ParseFailure) -> None:
    said = complaint(Unusable(failure, "", ""), clinic())
    for name in ("appointment", "prescription", "legal", "rest", "whenever", "today", "now"):
        assert name in said


def test_a_complaint_names_the_fields_their_types_and_the_first_fault() -> None:
    answer = json.loads(text())
    del answer["language"]
    said = complaint(unusable(reply(json.dumps(answer))), TAXONOMY)
    assert "language: is missing" in said
    for field in (
        "reason (string)",
        "language (string)",
        "needs_human (true or false)",
        "confidence (number from 0 to 1)",
    ):
        assert field in said
    assert "ticket above" in said


def test_what_is_wrong_quotes_nothing_of_the_reply_but_a_short_field_name() -> None:
    assert unusable(reply(confidence="call +44 20 7946 0000")).why == "confidence: Input should be a valid number"
    assert unusable(reply(category="Acme GmbH")).why == "category: not one of the allowed names"
    named = unusable(reply(json.dumps({"\x1b[2J" + "x" * 500: 1} | json.loads(text())))).why
    assert "\x1b" not in named
    assert len(named) < 100


FENCED = [f"```json\n{text()}\n```", f"```\n{text()}\n```", f"\n```JSON\r\n{text()}```\n"]


@pytest.mark.parametrize("raw", FENCED)
def test_one_fence_is_taken_off(raw: str) -> None:
    inside = unfenced(raw)
    assert inside is not None
    assert draft(reply(inside)).category == "billing"


NOT_ONE_FENCE = [
    text(),
    "",
    "```",
    "``````",
    "```json```",
    "```json\n\n```",
    f"Here it is:\n```json\n{text()}\n```",
    f"```json\n{text()}\n```\nHope that helps!",
    f"```json\n{text()}\n```\n```json\n{text()}\n```",
    f"```python\n{text()}\n```",
    f"```json\n{text()}",
]


@pytest.mark.parametrize("raw", NOT_ONE_FENCE)
def test_nothing_else_is_mended(raw: str) -> None:
    assert unfenced(raw) is None


def test_an_excerpt_is_short_and_harmless_to_a_terminal() -> None:
    assert excerpt("  Sure!\x1b[2J\nnext ") == "Sure!\\x1b[2J\\nnext"
    assert len(excerpt("x" * 10_000)) == SAID_CHARACTERS
