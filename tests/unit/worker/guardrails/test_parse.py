import json
from typing import Any

import pytest

from fleet.taxonomy import load_taxonomy
from fleet.verdict import Verdict
from tests.support.scripted import reply, text
from tests.support.taxonomies import clinic
from worker.domain import Draft, ParseFailure, Reply
from worker.guardrails.parse import complaint, parse

TAXONOMY = load_taxonomy()


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
    assert parse(reply(raw), TAXONOMY) is ParseFailure.JSON


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
    assert parse(reply(**changes), TAXONOMY) is ParseFailure.SCHEMA


@pytest.mark.parametrize("missing", ["reason", "language", "category", "urgency", "needs_human", "confidence"])
def test_a_missing_field_is_named_schema(missing: str) -> None:
    answer = json.loads(text())
    del answer[missing]
    assert parse(reply(json.dumps(answer)), TAXONOMY) is ParseFailure.SCHEMA


@pytest.mark.parametrize("raw", ["[]", '"billing"', "null", "1", f"[{text()}]"])
def test_json_that_is_no_object_is_named_schema(raw: str) -> None:
    assert parse(reply(raw), TAXONOMY) is ParseFailure.SCHEMA


OUTSIDE = [{"category": "Billing"}, {"category": "billing "}, {"category": ""}, {"urgency": "HIGH"}, {"urgency": "now"}]


@pytest.mark.parametrize("changes", OUTSIDE, ids=str)
def test_a_name_outside_the_taxonomy_is_never_guessed(changes: dict[str, Any]) -> None:
    assert parse(reply(**changes), TAXONOMY) is ParseFailure.TAXONOMY


@pytest.mark.parametrize("stop_reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_cut_reply_is_truncated_even_if_it_parses(stop_reason: str) -> None:
    assert parse(reply(stop_reason=stop_reason), TAXONOMY) is ParseFailure.TRUNCATED


@pytest.mark.parametrize("raw", ["", "I can't help with that.", text()])
def test_a_refusal_is_a_refusal_whatever_it_says(raw: str) -> None:
    assert parse(reply(raw, "refusal"), TAXONOMY) is ParseFailure.REFUSAL


@pytest.mark.parametrize("raw", ["", " \n\t"])
def test_a_reply_without_text_is_empty(raw: str) -> None:
    assert parse(reply(raw), TAXONOMY) is ParseFailure.EMPTY


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
    assert parse(reply(), taxonomy) is ParseFailure.TAXONOMY


@pytest.mark.parametrize("failure", list(ParseFailure))
def test_a_complaint_names_what_is_allowed(failure: ParseFailure) -> None:
    said = complaint(failure, clinic())
    for name in ("appointment", "prescription", "legal", "rest", "whenever", "today", "now"):
        assert name in said
