from typing import Any

from ops.simulator.api.request import MessageRequest
from ops.simulator.metering.prompt_cache import InputUsage, PromptCache
from ops.simulator.metering.segments import measure

MODEL = "claude-haiku-5-5"
MINIMUM = 512
SYSTEM_TOKENS = 600


def request(ticket: str = "help", **fields: Any) -> MessageRequest:
    body = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": ticket}], **fields}
    return MessageRequest.model_validate(body)


def system(ttl: str | None = "5m", tokens: int = SYSTEM_TOKENS) -> list[dict[str, Any]]:
    block: dict[str, Any] = {"type": "text", "text": "x" * tokens * 4}
    return [{**block, "cache_control": {"type": "ephemeral", "ttl": ttl}} if ttl else block]


def use(cache: PromptCache, asked: MessageRequest, now: float, model: str = MODEL) -> InputUsage:
    total, points = measure(asked)
    usage = cache.look(model, total, points, MINIMUM, now)
    cache.keep(model, points, MINIMUM, now)
    assert usage.total == total
    return usage


def test_the_first_call_writes_the_prefix_and_the_second_reads_it() -> None:
    cache = PromptCache()

    first = use(cache, request("one", system=system()), now=0.0)
    second = use(cache, request("another", system=system()), now=1.0)

    assert (first.written_5m, first.read, first.uncached) == (SYSTEM_TOKENS, 0, 5)
    assert (second.written, second.read, second.uncached) == (0, SYSTEM_TOKENS, 6)
    assert second.limited == second.uncached


def test_a_prefix_expires_after_five_minutes_without_use_and_each_use_renews_it() -> None:
    cache = PromptCache()
    use(cache, request(system=system()), now=0.0)

    assert use(cache, request(system=system()), now=299.0).read == SYSTEM_TOKENS
    assert use(cache, request(system=system()), now=598.0).read == SYSTEM_TOKENS
    assert use(cache, request(system=system()), now=900.0).read == 0


def test_an_hour_long_prefix_is_counted_apart_and_lives_an_hour() -> None:
    cache = PromptCache()

    assert use(cache, request(system=system("1h")), now=0.0).written_1h == SYSTEM_TOKENS
    assert use(cache, request(system=system("1h")), now=3599.0).read == SYSTEM_TOKENS


def test_a_prefix_below_the_minimum_is_silently_not_cached() -> None:
    cache = PromptCache()
    small = system(tokens=MINIMUM - 1)

    assert use(cache, request(system=small), now=0.0).written == 0
    assert use(cache, request(system=small), now=1.0).read == 0


def test_models_do_not_share_prefixes() -> None:
    cache = PromptCache()
    use(cache, request(system=system()), now=0.0)

    assert use(cache, request(system=system()), now=1.0, model="claude-opus-5-5").read == 0


def test_a_breakpoint_in_a_message_extends_the_one_in_the_system_prompt() -> None:
    cache = PromptCache()
    block = {"type": "text", "text": "y" * 400, "cache_control": {"type": "ephemeral"}}
    asked = request(system=system("1h"), messages=[{"role": "user", "content": [block]}])

    first = use(cache, asked, now=0.0)
    later = use(cache, asked, now=1000.0)

    assert (first.written_1h, first.written_5m, first.uncached) == (SYSTEM_TOKENS, 104, 0)
    assert (later.read, later.written_5m) == (SYSTEM_TOKENS, 104)


def test_top_level_cache_control_marks_the_last_block() -> None:
    cache = PromptCache()
    asked = request(system=system(None), cache_control={"type": "ephemeral"})

    assert use(cache, asked, now=0.0).written_5m == SYSTEM_TOKENS + 5
    assert use(cache, asked, now=1.0).read == SYSTEM_TOKENS + 5


def test_another_output_schema_is_another_prefix() -> None:
    cache = PromptCache()
    use(cache, request(system=system()), now=0.0)
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    asked = request(system=system(), output_config={"format": {"type": "json_schema", "schema": schema}})

    assert use(cache, asked, now=1.0).read == 0
