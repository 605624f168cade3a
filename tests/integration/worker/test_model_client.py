"""The real SDK over HTTP against the simulator: every way in which a call can end."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from fleet.errors import ConfigurationError
from fleet.lanes import Tier
from fleet.settings import Settings
from fleet.taxonomy import Taxonomy, load_taxonomy
from fleet.ticket import Source, Ticket
from tests.support.scripted import ScriptedModel, reply
from tests.support.server import free_port
from tests.support.simulator import Simulator
from tests.support.taxonomies import clinic
from worker.domain import Call, CallResult, Draft, Failure, ParseFailure, Purpose, Reply, Unusable
from worker.guardrails.parse import complaint, parse
from worker.llm.client import ModelClient, Repair
from worker.llm.prices import load_price_table
from worker.llm.prompt import build_prompt
from worker.pipeline import Model

pytestmark = pytest.mark.integration

TICKET = Ticket(source=Source.MAIL, subject="Charged twice", body="I was charged twice and need this fixed today!")
TAXONOMY = load_taxonomy()
Asked = tuple[Call, Reply | Failure]
MakeSettings = Callable[..., Settings]


def ask(
    settings: Settings, tier: Tier = Tier.SMALL, repair: Repair | None = None, taxonomy: Taxonomy = TAXONOMY
) -> Asked:
    async def once() -> Asked:
        client = ModelClient(settings, build_prompt(taxonomy), load_price_table())
        try:
            return await client.call(TICKET, tier, repair)
        finally:
            await client.close()

    return asyncio.run(once())


@pytest.mark.parametrize("tier", list(Tier))
def test_a_call_is_answered_recorded_and_priced(make_settings: MakeSettings, simulator: Simulator, tier: Tier) -> None:
    settings = make_settings()
    call, said = ask(settings, tier)
    assert isinstance(said, Reply)
    assert isinstance(parse(said, TAXONOMY), Draft)
    model = settings.small_model if tier is Tier.SMALL else settings.frontier_model
    assert (call.model, call.tier, call.purpose, call.result) == (model, tier, Purpose.TRIAGE, CallResult.OK)
    assert (call.stop_reason, call.prompt) == ("end_turn", "triage-2")
    assert call.request_id.startswith("req_")
    assert call.usage.prompt > 500
    assert call.cost_nusd > 0
    assert simulator.stats()["bill_nano_dollars"] == {model: call.cost_nusd}


def test_the_second_call_reads_the_prompt_from_the_cache_and_is_billed_so(
    make_settings: MakeSettings, simulator: Simulator
) -> None:
    settings = make_settings(max_output_tokens=390)
    first, second = ask(settings)[0], ask(settings)[0]
    assert second.usage.cache_read > 500
    assert second.cost_nusd < first.cost_nusd or first.usage.cache_read  # the test before may have written it
    assert simulator.stats()["bill_nano_dollars"] == {settings.small_model: first.cost_nusd + second.cost_nusd}


def test_another_taxonomy_is_answered_within_its_names(make_settings: MakeSettings) -> None:
    taxonomy = clinic()
    _, said = ask(make_settings(), taxonomy=taxonomy)
    assert isinstance(said, Reply)
    assert isinstance(parse(said, taxonomy), Draft)


def test_a_repair_call_shows_the_bad_reply_and_the_complaint(make_settings: MakeSettings) -> None:
    for bad in ("no json", "", "  "):
        repair = Repair(bad, complaint(Unusable(ParseFailure.JSON, "", bad), TAXONOMY))
        call, said = ask(make_settings(), repair=repair)
        assert (call.purpose, call.result) == (Purpose.REPAIR, CallResult.OK)
        assert isinstance(said, Reply)
        assert isinstance(parse(said, TAXONOMY), Draft)


REFUSED: list[tuple[dict[str, Any], CallResult, float | None]] = [
    ({"kind": "rate_limit", "retry_after_s": 7}, CallResult.RATE_LIMITED, 7.0),
    ({"kind": "ramp_limit", "retry_after_s": 3}, CallResult.RAMP_LIMITED, 3.0),
    ({"kind": "spend_limit"}, CallResult.SPEND_LIMITED, None),
    ({"kind": "spend_limit", "error_code": "contract_spend_limit_reached"}, CallResult.SPEND_LIMITED, None),
    ({"kind": "error_500"}, CallResult.SERVER_ERROR, None),
    ({"kind": "overloaded"}, CallResult.OVERLOADED, None),
    ({"kind": "overloaded", "retry_after_s": 9}, CallResult.OVERLOADED, 9.0),
    ({"kind": "unauthorized"}, CallResult.UNAUTHORIZED, None),
]


@pytest.mark.parametrize(("fault", "result", "retry_after_s"), REFUSED, ids=str)
def test_a_refused_call_is_named_asked_once_and_costs_nothing(
    make_settings: MakeSettings,
    simulator: Simulator,
    fault: dict[str, Any],
    result: CallResult,
    retry_after_s: float | None,
) -> None:
    simulator.plan(fault)
    call, said = ask(make_settings())
    assert isinstance(said, Failure)
    assert (said.result, said.retry_after_s) == (result, retry_after_s)
    assert (call.result, call.error, call.cost_nusd) == (result, said.message, 0)
    assert call.request_id.startswith("req_")
    assert simulator.calls() == 1  # the SDK must not try again: that would be a second paid call


@pytest.mark.parametrize("kind", ["timeout", "trickle"])
def test_the_deadline_holds_on_the_wall_clock(make_settings: MakeSettings, simulator: Simulator, kind: str) -> None:
    simulator.plan({"kind": kind})
    started = time.monotonic()
    # The trickle sends a byte a second: each one restarts a read time-out, and none restarts this deadline.
    call, said = ask(make_settings(call_timeout_s=1.5))
    assert isinstance(said, Failure)
    assert said.result is CallResult.TIMEOUT
    assert 1.4 < call.seconds < 4
    assert time.monotonic() - started < 6
    assert call.is_estimated
    assert 0 < call.cost_nusd < 5_000_000


SPOILED = [
    ("truncated", ParseFailure.TRUNCATED),
    ("refusal", ParseFailure.REFUSAL),
    ("malformed", ParseFailure.JSON),
    ("out_of_taxonomy", ParseFailure.TAXONOMY),
    ("schema", ParseFailure.SCHEMA),
    ("empty", ParseFailure.EMPTY),
]


@pytest.mark.parametrize(("kind", "failure"), SPOILED)
def test_a_spoiled_reply_is_named_and_paid_for(
    make_settings: MakeSettings, simulator: Simulator, kind: str, failure: ParseFailure
) -> None:
    simulator.plan({"kind": kind})
    call, said = ask(make_settings())
    assert isinstance(said, Reply)
    found = parse(said, TAXONOMY)
    assert isinstance(found, Unusable)
    assert found.failure is failure
    assert call.result is CallResult.OK
    assert simulator.stats()["bill_nano_dollars"] == {call.model: call.cost_nusd}


def test_a_refusal_says_what_for(make_settings: MakeSettings, simulator: Simulator) -> None:
    simulator.plan({"kind": "refusal", "category": "cyber"})
    _, said = ask(make_settings())
    assert isinstance(said, Reply)
    assert (said.text, said.refusal) == ("", "cyber")


def test_a_thinking_block_before_the_text_is_passed_over(make_settings: MakeSettings, simulator: Simulator) -> None:
    simulator.plan({"kind": "thinking_first"})
    _, said = ask(make_settings())
    assert isinstance(said, Reply)
    assert isinstance(parse(said, TAXONOMY), Draft)


def test_a_wrong_key_is_unauthorized(make_settings: MakeSettings) -> None:
    call, said = ask(make_settings(anthropic_api_key="wrong"))
    assert isinstance(said, Failure)
    assert (said.result, call.cost_nusd) == (CallResult.UNAUTHORIZED, 0)


def test_no_key_at_all_stops_the_start(make_settings: MakeSettings) -> None:
    with pytest.raises(ConfigurationError, match="ANTHROPIC_API_KEY is not set"):
        ask(make_settings(anthropic_api_key=None))


def test_a_model_without_a_price_stops_the_start(make_settings: MakeSettings) -> None:
    with pytest.raises(ConfigurationError, match="no price is known for model 'claude-9'"):
        ask(make_settings(frontier_model="claude-9"))


def test_nobody_listening_is_a_connection_failure(make_settings: MakeSettings) -> None:
    _, said = ask(make_settings(anthropic_base_url=f"http://127.0.0.1:{free_port()}"))
    assert isinstance(said, Failure)
    assert said.result is CallResult.CONNECTION


ELSEWHERE = "http://127.0.0.1:9/"


def http(body: bytes, *, status: str = "200 OK", length: int | None = None, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length or len(body)}\r\n"
    head += f"location: {ELSEWHERE}\r\n" if status.startswith("3") else ""
    return f"{head}connection: close\r\n\r\n".encode() + body


def message(**changes: Any) -> bytes:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return http(json.dumps({name: value for name, value in (body | changes).items() if value != "left out"}).encode())


def answered_by(settings: Settings, raw: bytes) -> Asked:
    """Ask a server that sends these bytes and hangs up."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()

    async def once() -> Asked:
        server = await asyncio.start_server(send, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        local = settings.model_copy(update={"anthropic_base_url": f"http://{host}:{port}"})
        client = ModelClient(local, build_prompt(TAXONOMY), load_price_table())
        try:
            async with server:
                return await client.call(TICKET, Tier.SMALL)
        finally:
            await client.close()

    return asyncio.run(once())


ODD_ANSWERS = {
    "hangs up at once": (b"", CallResult.CONNECTION),
    "hangs up half-way": (http(b'{"id": "msg_1"', length=500), CallResult.CONNECTION),
    "a web page": (http(b"<html>welcome</html>", kind="text/html"), CallResult.MISDIRECTED),
    "no json": (http(b"not json"), CallResult.UNREADABLE),
    "a list": (http(b"[]"), CallResult.UNREADABLE),
    "another object": (http(b'{"status": "ok"}'), CallResult.UNREADABLE),
    "no usage": (message(usage="left out"), CallResult.UNREADABLE),
    "usage null": (message(usage=None), CallResult.UNREADABLE),
    "usage empty": (message(usage={}), CallResult.UNREADABLE),
    "tokens null": (message(usage={"input_tokens": None, "output_tokens": 1}), CallResult.UNREADABLE),
    "content null": (message(content=None), CallResult.UNREADABLE),
    "no content": (message(content="left out"), CallResult.UNREADABLE),
    "a redirection": (http(b"", status="302 Found"), CallResult.MISDIRECTED),
    "an error under 200": (
        http(b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'),
        CallResult.OVERLOADED,
    ),
    "a busy gateway": (
        http(b"<html>busy</html>", status="502 Bad Gateway", kind="text/html"),
        CallResult.SERVER_ERROR,
    ),
}


@pytest.mark.parametrize(("raw", "result"), ODD_ANSWERS.values(), ids=ODD_ANSWERS.keys())
def test_what_a_gateway_may_answer_is_a_failure_and_no_exception(
    make_settings: MakeSettings, raw: bytes, result: CallResult
) -> None:
    call, said = answered_by(make_settings(), raw)
    assert isinstance(said, Failure)
    assert said.result is result
    assert call.result is result


SPARSE = {
    "no details": message(),
    "no stop reason": message(stop_reason=None),
    "details null": message(stop_details=None),
    "no block": message(content=[]),
    "a block without type": message(content=[{"text": "no type"}]),
    "an unknown block": message(content=[{"type": "of_next_year", "data": 1}, {"type": "text", "text": "hello"}]),
    "cache null": message(
        usage={"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": None, "cache_creation": None}
    ),
}


@pytest.mark.parametrize("raw", SPARSE.values(), ids=SPARSE.keys())
def test_a_message_may_leave_out_what_is_optional(make_settings: MakeSettings, raw: bytes) -> None:
    call, said = answered_by(make_settings(), raw)
    assert isinstance(said, Reply), said
    assert (call.usage.input, call.usage.output, call.cost_nusd) == (1, 1, 600)


def test_half_a_surrogate_pair_in_a_reply_does_not_stop_its_repair(make_settings: MakeSettings) -> None:
    _, said = answered_by(make_settings(), message(content=[{"type": "text", "text": "\ud800"}]))
    assert isinstance(said, Reply)
    call, _ = ask(make_settings(), repair=Repair(said.text, "again, please"))
    assert call.result is CallResult.OK


@pytest.mark.parametrize("double", [True, False])
def test_the_real_client_and_its_double_keep_one_protocol(make_settings: MakeSettings, *, double: bool) -> None:
    async def exercise() -> None:
        real = ModelClient(make_settings(), build_prompt(TAXONOMY), load_price_table())
        model: Model = ScriptedModel(reply(), reply()) if double else real
        repair = Repair("no json", "again, please")
        for tier, purpose, again in ((Tier.SMALL, Purpose.TRIAGE, None), (Tier.FRONTIER, Purpose.REPAIR, repair)):
            foreseen = model.foresee(TICKET, tier, again)
            call, said = await model.call(TICKET, tier, again)
            assert isinstance(said, Reply)
            assert isinstance(parse(said, TAXONOMY), Draft)
            assert (call.tier, call.purpose, call.result) == (tier, purpose, CallResult.OK)
            assert (call.model, call.prompt) == (foreseen.model, foreseen.prompt)
            assert 0 < call.cost_nusd <= foreseen.worst_nusd
            assert call.usage.output <= foreseen.max_output_tokens
        await real.close()

    asyncio.run(exercise())
