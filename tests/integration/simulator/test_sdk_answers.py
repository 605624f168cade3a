"""Good and spoiled replies, as the real SDK parses them."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from anthropic import NotFoundError
from anthropic.types import Message, TextBlock

from ops.simulator.faults.distortions import UNHEARD_OF
from ops.simulator.faults.plan import Fault, Kind

Benches = Callable[..., AbstractAsyncContextManager[Any]]
HAIKU = "claude-haiku-5-5"


def reply(benches: Benches, *faults: Fault, **call: Any) -> tuple[Message, dict[str, Any]]:
    async def one() -> tuple[Message, dict[str, Any]]:
        async with benches(*faults) as bench:
            return await bench.triage(**call), await bench.stats()

    return asyncio.run(one())


def text(message: Message) -> str:
    return "".join(block.text for block in message.content if isinstance(block, TextBlock))


@pytest.mark.parametrize("model", [HAIKU, "claude-sonnet-5-5", "claude-opus-5-5"])
def test_the_ticket_that_the_design_names_is_billing_and_high_and_needs_a_human(benches: Benches, model: str) -> None:
    message, _ = reply(benches, model=model)
    verdict = json.loads(text(message))

    assert (verdict["category"], verdict["urgency"], verdict["needs_human"]) == ("billing", "high", True)
    assert 0 < verdict["confidence"] < 1
    assert verdict["language"] == "en"
    assert message.stop_reason == "end_turn"
    assert message.model == model


def test_usage_and_bill_agree_to_the_nano_dollar(benches: Benches) -> None:
    system = [{"type": "text", "text": "You triage. " * 300, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]

    async def twice() -> tuple[Message, Message, dict[str, Any]]:
        async with benches() as bench:
            return await bench.triage(system=system), await bench.triage(system=system), await bench.stats()

    first, second, stats = asyncio.run(twice())
    written, read = first.usage.cache_creation, second.usage.cache_read_input_tokens
    assert written is not None
    assert read is not None

    assert written.ephemeral_1h_input_tokens == first.usage.cache_creation_input_tokens == read > 900
    plain = sum(message.usage.input_tokens for message in (first, second))
    output = sum(message.usage.output_tokens for message in (first, second))
    assert stats["bill_nano_dollars"] == {HAIKU: plain * 100 + read * (200 + 10) + output * 500}
    assert stats["tokens"][HAIKU]["output"] == output
    assert stats["simulated"] is True


def test_a_truncated_reply_says_so_and_does_not_parse(benches: Benches) -> None:
    message, _ = reply(benches, Fault(Kind.TRUNCATED))

    assert message.stop_reason == "max_tokens"
    with pytest.raises(json.JSONDecodeError):
        json.loads(text(message))


def test_too_small_a_max_tokens_truncates_by_itself(benches: Benches) -> None:
    message, _ = reply(benches, max_tokens=5)

    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 5)


def test_a_refusal_carries_its_category(benches: Benches) -> None:
    message, stats = reply(benches, Fault(Kind.REFUSAL, category="cyber"))

    assert message.stop_reason == "refusal"
    assert message.stop_details is not None
    assert message.stop_details.category == "cyber"
    assert message.content == []
    assert stats["bill_nano_dollars"][HAIKU] > 0, "a refusal is an answer, and billed"


def test_a_malformed_reply_is_no_json(benches: Benches) -> None:
    message, _ = reply(benches, Fault(Kind.MALFORMED))

    assert message.stop_reason == "end_turn"
    with pytest.raises(json.JSONDecodeError):
        json.loads(text(message))


def test_a_value_outside_the_taxonomy_stands_in_good_json(benches: Benches) -> None:
    assert json.loads(text(reply(benches, Fault(Kind.OUT_OF_TAXONOMY))[0]))["category"] == UNHEARD_OF


def test_a_field_may_be_missing(benches: Benches) -> None:
    assert "category" not in json.loads(text(reply(benches, Fault(Kind.SCHEMA))[0]))


def test_a_reply_may_have_no_text_at_all(benches: Benches) -> None:
    message, stats = reply(benches, Fault(Kind.EMPTY))

    assert message.content == []
    assert message.stop_reason == "end_turn"
    assert stats["faults"] == {"empty": 1}


def test_thinking_may_stand_before_a_valid_answer(benches: Benches) -> None:
    message, _ = reply(benches, Fault(Kind.THINKING_FIRST))

    assert [block.type for block in message.content] == ["thinking", "text"]
    assert json.loads(text(message))["category"] == "billing"
    details = message.usage.output_tokens_details
    assert details is not None
    assert 0 < details.thinking_tokens < message.usage.output_tokens


def test_a_fault_for_another_text_leaves_this_ticket_alone(benches: Benches) -> None:
    faults = (Fault(Kind.EMPTY, match="something else"), Fault(Kind.EMPTY, model="claude-opus-5-5"))

    assert json.loads(text(reply(benches, *faults)[0]))["category"] == "billing"


def test_every_answer_says_it_is_a_simulator_and_carries_the_limits(benches: Benches) -> None:
    async def headers() -> dict[str, str]:
        async with benches() as bench:
            raw = await bench.sdk.messages.with_raw_response.create(
                model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "hello"}]
            )
            return dict(raw.headers)

    found = asyncio.run(headers())

    assert found["x-simulator"] == "triage-fleet"
    assert found["request-id"].startswith("req_")
    for what in ("requests", "tokens", "input-tokens", "output-tokens"):
        for part in ("limit", "remaining", "reset"):
            assert found[f"anthropic-ratelimit-{what}-{part}"]


def test_tokens_are_counted_as_they_will_be_used(benches: Benches) -> None:
    async def both() -> tuple[int, int]:
        async with benches() as bench:
            prompt: dict[str, Any] = {"model": HAIKU, "messages": [{"role": "user", "content": "hello there"}]}
            counted = await bench.sdk.messages.count_tokens(**prompt)
            used = await bench.sdk.messages.create(max_tokens=50, **prompt)
            return counted.input_tokens, used.usage.input_tokens

    counted, used = asyncio.run(both())

    assert counted == used > 0


def test_models_are_listed_page_by_page_and_described(benches: Benches) -> None:
    async def listing() -> tuple[list[str], Any, Any]:
        async with benches() as bench:
            pages = [model.id async for model in bench.sdk.models.list(limit=5)]
            ending = await bench.sdk.models.retrieve("claude-sonnet-4-5-20250929")
            with pytest.raises(NotFoundError):
                await bench.sdk.models.retrieve("claude-nobody")
            return pages, await bench.sdk.models.retrieve(HAIKU), ending

    pages, haiku, ending = asyncio.run(listing())

    assert len(pages) == len(set(pages)) > 10
    assert "claude-mythos-preview" not in pages, "retired models are not listed"
    assert haiku.capabilities is not None
    assert haiku.capabilities.structured_outputs.supported
    assert (haiku.lifecycle, haiku.retires_at) == ("active", None)
    assert ending.lifecycle == "deprecated"
    assert ending.retires_at is not None
    assert (ending.retires_at.year, ending.retires_at.month, ending.retires_at.day) == (2026, 11, 30)
