"""Looking at tickets: the real ledger; the real client against the simulator where the money has to be right."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from fleet.hints import Hint
from fleet.lanes import QUARANTINE, Tier
from fleet.ledger.records import Effect
from fleet.settings import Settings, load_settings
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Ticket
from fleet.verdict import Verdict
from tests.support.bench import FRONTIER, LEASE_MS, SMALL, Bench
from tests.support.looking import Looking, looking
from tests.support.scripted import COST_NUSD, ScriptedModel, reply
from tests.support.simulator import Simulator
from worker.domain import CallResult, Failure, Reply
from worker.limits.gate import Gate
from worker.limits.rules import Budget, LimitsFile
from worker.limits.shared import SharedLimiter
from worker.llm.client import ModelClient
from worker.llm.prices import load_price_table
from worker.llm.prompt import build_prompt
from worker.sinks.base import Sink
from worker.sinks.log import LogSink

pytestmark = pytest.mark.integration

MakeSettings = Callable[..., Settings]
SETTINGS = load_settings({}, page_routing_key="k" * 32)


def with_script(
    redis_url: str,
    model: ScriptedModel,
    work: Callable[[Looking], Awaitable[None]],
    *,
    sinks: dict[str, Sink] | None = None,
) -> None:
    async def once() -> None:
        async with looking(redis_url, model, SETTINGS, sinks=sinks) as bench:
            await work(bench)

    asyncio.run(once())


def with_simulator(redis_url: str, settings: Settings, work: Callable[[Looking], Awaitable[None]]) -> None:
    async def once() -> None:
        client = ModelClient(settings, build_prompt(load_taxonomy()), load_price_table())
        try:
            async with looking(redis_url, client, settings) as bench:
                await work(bench)
        finally:
            await client.close()

    asyncio.run(once())


def calls(bench: Bench, ticket_id: str = "t1") -> list[dict[str, Any]]:
    return [call for line in bench.ticket(ticket_id)["history"] for call in line.get("calls", ())]


class Pause:
    """A model's answer that does not come before the test lets it."""

    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def __call__(self) -> Reply:
        self.is_asked.set()
        await self.may_answer.wait()
        return reply()


# What comes of a look


def test_a_ticket_is_triaged_and_its_story_has_the_exact_bill(
    bench: Bench, redis_url: str, make_settings: MakeSettings, simulator: Simulator
) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        if bench.ticket()["state"] == "accepted":
            await worker.look("t1", queue=FRONTIER)
        cost = sum(worker.count("triage_model_cost_usd_total", **labels(call)) for call in calls(bench))
        assert cost == pytest.approx(bench.ticket()["cost_nusd"] / 1e9)

    with_simulator(redis_url, make_settings(), work)
    ticket = bench.ticket()
    assert ticket["state"] == "triaged"
    verdict = Verdict.model_validate(ticket["verdict"])
    assert verdict.category in load_taxonomy().category_names
    bill = sum(simulator.stats()["bill_nano_dollars"].values())
    assert bill > 0
    assert sum(call["cost_nusd"] for call in calls(bench)) == ticket["cost_nusd"] == bench.totals().cost_nusd == bill
    assert bench.problems() == []


def labels(call: dict[str, Any]) -> dict[str, str]:
    return {name: call[name] for name in ("model", "tier", "purpose")}


@pytest.mark.parametrize("kind", ["malformed", "out_of_taxonomy", "schema", "empty"])
def test_output_that_cannot_be_mended_is_parked_after_two_calls_a_tier(
    bench: Bench, redis_url: str, make_settings: MakeSettings, simulator: Simulator, kind: str
) -> None:
    simulator.plan({"kind": kind})
    bench.accept()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        assert bench.ticket()["state"] == "accepted"
        assert worker.count("triage_escalations_total", reason="invalid_reply") == 1
        await worker.look("t1", queue=FRONTIER)
        assert worker.count("triage_tickets_finished_total", outcome="parked", decided_by="human") == 1

    with_simulator(redis_url, make_settings(), work)
    assert (bench.ticket()["state"], bench.ticket()["reason"]) == ("parked", "bad_output")
    assert [(call["tier"], call["purpose"]) for call in calls(bench)] == [
        ("small", "triage"),
        ("small", "repair"),
        ("frontier", "triage"),
        ("frontier", "repair"),
    ]
    assert bench.totals().cost_nusd == sum(simulator.stats()["bill_nano_dollars"].values())


def test_a_refusal_is_asked_once_a_tier(
    bench: Bench, redis_url: str, make_settings: MakeSettings, simulator: Simulator
) -> None:
    simulator.plan({"kind": "refusal"})
    bench.accept()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        await worker.look("t1", queue=FRONTIER)

    with_simulator(redis_url, make_settings(), work)
    assert (bench.ticket()["reason"], len(calls(bench))) == ("refusal", 2)


@pytest.mark.parametrize("kind", ["rate_limit", "spend_limit", "unauthorized", "overloaded"])
def test_a_providers_refusal_keeps_the_ticket_and_its_attempts(
    bench: Bench, redis_url: str, make_settings: MakeSettings, simulator: Simulator, kind: str
) -> None:
    simulator.plan({"kind": kind, "retry_after_s": 20})
    bench.accept()
    with_simulator(redis_url, make_settings(), lambda worker: worker.look("t1"))
    assert (bench.ticket()["state"], bench.ticket()["attempts"]) == ("retry", 0)
    assert bench.ticket()["next_at"] >= bench.clock.now + 5_000
    assert bench.problems() == []


def test_the_gate_of_the_fleet_stands_before_the_call(
    bench: Bench, redis_url: str, make_settings: MakeSettings, simulator: Simulator
) -> None:
    bench.accept()
    broke = Budget(day_nusd=1)

    async def once() -> None:
        settings = make_settings()
        client = ModelClient(settings, build_prompt(load_taxonomy()), load_price_table())
        async with looking(redis_url, client, settings) as outer:
            gate = Gate(SharedLimiter(outer.ledger, LimitsFile(), broke), lambda: 0.0)
            async with looking(redis_url, client, settings, gate=gate) as worker:
                await worker.look("t1")
        await client.close()

    asyncio.run(once())
    assert (bench.ticket()["state"], bench.ticket()["attempts"]) == ("retry", 0)
    assert simulator.calls() == 0


def test_an_escalation_hands_on_what_the_small_model_thought(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        worker.outgoing.close()
        assert worker.sender.looks == [Hint(("t1",), FRONTIER, bench.clock.now)]

    with_script(redis_url, ScriptedModel(reply(confidence=0.1)), work)
    context = bench.ticket()["context"]
    assert (context["tier"], context["escalated_for"]) == ("frontier", "low_confidence")
    assert context["small_draft"]["category"] == "billing"


def test_the_verdict_and_its_deliveries_are_one_write(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        worker.outgoing.close()
        assert worker.sender.deliveries == [["log:t1", "page:t1"]]

    with_script(redis_url, ScriptedModel(reply()), work)
    assert bench.totals().effects_waiting == 2
    stored = json.dumps([str(value) for key in bench.client.keys("tf:e:*") for value in bench.client.hvals(key)])
    assert "k" * 32 not in stored


def test_all_tickets_of_a_hint_are_looked_at_and_a_second_hint_is_nothing(bench: Bench, redis_url: str) -> None:
    for name in ("t1", "t2", "t3"):
        bench.accept(name)

    async def work(worker: Looking) -> None:
        await worker.look("t1", "t2", "unknown", "t3", "t1")
        await worker.look("t1", "t2", "t3")

    with_script(redis_url, ScriptedModel(reply(), reply(), reply()), work)
    assert bench.totals().triaged == 3
    assert bench.totals().stale_refused == 0


# What cannot be worked on


@pytest.mark.parametrize("payload", ["{}", "not json", '{"id":"t1","source":"http","body":7}'])
def test_a_payload_that_is_no_ticket_is_parked_without_a_call(bench: Bench, redis_url: str, payload: str) -> None:
    bench.accept()
    bench.client.hset("tf:t:t1", "payload", payload)
    with_script(redis_url, ScriptedModel(), lambda worker: worker.look("t1"))
    assert bench.ledger.redis.hget("tf:t:t1", "reason") == b"bad_ticket"
    assert bench.problems() == []


@pytest.mark.parametrize("change", [{"source": "fax"}, {"body": {"html": "<p>"}, "parts": 2}], ids=["source", "body"])
def test_a_payload_that_only_a_newer_release_understands_waits_for_it(
    bench: Bench, redis_url: str, change: dict[str, Any]
) -> None:
    bench.accept()
    bench.client.hset("tf:t:t1", "payload", json.dumps(bench.ticket()["payload"] | change))
    with_script(redis_url, ScriptedModel(), lambda worker: worker.look("t1"))
    ticket = bench.ticket()
    assert (ticket["state"], ticket["waits_for"], ticket["attempts"]) == ("retry", "newer", 0)
    assert bench.totals().too_new == 1
    assert bench.problems() == []


def without(name: str, values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


OTHERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "more in the draft": lambda said: said | {"small_draft": said["small_draft"] | {"mood": "sad"}},
    "less in the draft": lambda said: said | {"small_draft": without("language", said["small_draft"])},
    "more": lambda said: said | {"mood": "sad"},
    "no reason": lambda said: without("escalated_for", said),
    "no tier": lambda said: without("tier", said),
    "another kind": lambda said: {"small_draft": [said]},
}


@pytest.mark.parametrize("rewrite", OTHERS.values(), ids=OTHERS.keys())
def test_a_context_that_another_release_wrote_is_still_triaged(
    bench: Bench, redis_url: str, rewrite: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    bench.accept()
    with_script(redis_url, ScriptedModel(reply(confidence=0.1)), lambda worker: worker.look("t1"))
    bench.client.hset("tf:t:t1", "context", json.dumps(rewrite(bench.ticket()["context"])))
    with_script(redis_url, ScriptedModel(reply()), lambda worker: worker.look("t1", queue=FRONTIER))
    assert (bench.ticket()["state"], bench.ticket()["decided_by"]) == ("triaged", "frontier")
    assert bench.problems() == []


def test_a_ticket_that_is_too_old_is_parked_without_a_call(bench: Bench, redis_url: str) -> None:
    bench.accept(max_age_ms=1_000)
    bench.clock.advance(1_000)
    with_script(redis_url, ScriptedModel(), lambda worker: worker.look("t1"))
    assert bench.ticket()["reason"] == "expired"


def test_our_own_exception_is_tried_three_times_and_parked_as_a_bug(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        for state in ("accepted", "accepted", "parked"):  # without jitter the ticket is offered again at once
            await worker.look("t1")
            assert bench.ticket()["state"] == state
        worker.outgoing.close()
        assert [hint.ids for hint in worker.sender.looks] == [("t1",), ("t1",)]

    with_script(redis_url, ScriptedModel(RuntimeError("a"), RuntimeError("b"), RuntimeError("c")), work)
    assert (bench.ticket()["reason"], bench.ticket()["error"]) == ("bug", "RuntimeError: c")


class BrokenSink(LogSink):
    """A sink whose author made a mistake."""

    def effect(self, ticket: Ticket, verdict: Verdict) -> Effect:
        """Fail before the verdict is recorded."""
        raise KeyError(f"{ticket.id} {verdict.category}")


def test_a_bug_in_a_sink_is_a_bug_and_no_dying_process(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        for _ in range(3):
            await worker.look("t1")

    with_script(redis_url, ScriptedModel(reply(), reply(), reply()), work, sinks={"log": BrokenSink()})
    assert (bench.ticket()["reason"], bench.ticket()["crashes"]) == ("bug", 0)
    assert bench.ticket()["cost_nusd"] == 3 * COST_NUSD  # what was paid for is in the books


def test_a_bug_with_one_ticket_does_not_stop_its_neighbours(bench: Bench, redis_url: str) -> None:
    bench.accept("t1")
    bench.accept("t2")
    model = ScriptedModel(RuntimeError("a"), reply())
    with_script(redis_url, model, lambda worker: worker.look("t1", "t2"))
    assert sorted((bench.ticket("t1")["state"], bench.ticket("t2")["state"])) == ["accepted", "triaged"]


# Quarantine: alone to the end


def quarantined(bench: Bench) -> None:
    bench.accept()
    bench.crash()
    bench.crash()
    assert bench.ticket()["queue"] == QUARANTINE


def test_in_quarantine_a_ticket_goes_through_both_tiers_in_one_look(bench: Bench, redis_url: str) -> None:
    quarantined(bench)
    model = ScriptedModel(reply(confidence=0.1), reply())
    with_script(redis_url, model, lambda worker: worker.look("t1", queue=QUARANTINE))
    assert [tier for tier, _ in model.asked] == [Tier.SMALL, Tier.FRONTIER]
    assert bench.ticket()["verdict"]["decided_by"] == "frontier"
    assert "escalated" not in bench.events()
    assert len(calls(bench)) == 2


def test_an_escalated_ticket_stays_with_the_frontier_in_quarantine(bench: Bench, redis_url: str) -> None:
    bench.accept()
    with_script(redis_url, ScriptedModel(reply(confidence=0.1)), lambda worker: worker.look("t1"))
    bench.crash(queue=FRONTIER)
    bench.crash(queue=FRONTIER)
    model = ScriptedModel(reply())
    with_script(redis_url, model, lambda worker: worker.look("t1", queue=QUARANTINE))
    assert [tier for tier, _ in model.asked] == [Tier.FRONTIER]
    assert bench.ticket()["state"] == "triaged"


# Leases: losing and giving back


def taken_over(bench: Bench) -> None:
    """Let the lease end and another worker finish the ticket."""
    bench.clock.advance(LEASE_MS)
    bench.reap()
    assert bench.finish(bench.claim(), verdict='{"category":"another worker"}')


def test_what_a_worker_writes_after_its_lease_is_refused_and_counted(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def late() -> Reply:
        taken_over(bench)
        return reply()

    async def work(worker: Looking) -> None:
        await worker.look("t1")
        assert worker.count("triage_stale_writes_refused_total") == 1
        assert worker.count("triage_tickets_finished_total", outcome="triaged", decided_by="small") == 0
        worker.outgoing.close()
        assert worker.sender.deliveries == []

    with_script(redis_url, ScriptedModel(late), work)
    assert bench.ticket()["verdict"] == {"category": "another worker"}
    assert (bench.totals().effects_waiting, bench.totals().stale_refused) == (0, 1)


def test_work_on_a_lost_claim_is_stopped_so_that_it_spends_no_more(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        pause = Pause()
        model.answers.append(pause)
        task = worker.begin("t1")
        await asyncio.wait_for(pause.is_asked.wait(), 5)
        taken_over(bench)
        await worker.leases.extend_all()
        await asyncio.wait_for(task, 5)
        assert worker.count("triage_stale_writes_refused_total") == 1
        assert len(worker.leases) == 0

    model = ScriptedModel()
    with_script(redis_url, model, work)
    assert bench.ticket()["verdict"] == {"category": "another worker"}


def test_a_lease_that_is_kept_alive_outlasts_a_long_call(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        pause = Pause()
        model.answers.append(pause)
        task = worker.begin("t1")
        await asyncio.wait_for(pause.is_asked.wait(), 5)
        for _ in range(4):
            bench.clock.advance(LEASE_MS - 1)
            await worker.leases.extend_all()
            assert bench.reap().expired == 0
        pause.may_answer.set()
        await asyncio.wait_for(task, 5)

    model = ScriptedModel()
    with_script(redis_url, model, work)
    assert bench.ticket()["state"] == "triaged"


def test_a_ledger_that_is_away_for_one_extension_stops_no_work(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        pause = Pause()
        model.answers.append(pause)
        task = worker.begin("t1")
        await asyncio.wait_for(pause.is_asked.wait(), 5)
        worker.ledger.away["extend"] = 1
        await worker.leases.extend_all()
        pause.may_answer.set()
        await asyncio.wait_for(task, 5)

    model = ScriptedModel()
    with_script(redis_url, model, work)
    assert bench.ticket()["state"] == "triaged"


def test_a_process_that_goes_down_gives_its_tickets_back_at_once(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        pause = Pause()
        model.answers.append(pause)
        task = worker.begin("t1")
        await asyncio.wait_for(pause.is_asked.wait(), 5)
        assert worker.leases.recall_all() == 1
        await asyncio.wait_for(task, 5)
        worker.outgoing.close()
        assert worker.sender.looks == [Hint(("t1",), SMALL, bench.clock.now)]

    model = ScriptedModel(reply("no json"))
    with_script(redis_url, model, work)
    ticket = bench.ticket()
    assert (ticket["state"], ticket["attempts"], ticket["crashes"]) == ("accepted", 0, 0)
    assert ticket["cost_nusd"] == COST_NUSD  # the call that had ended
    assert bench.problems() == []


def test_a_ticket_that_comes_back_to_the_same_process_is_held_anew(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        old, new = Pause(), Pause()
        model.answers.extend([old, new])
        first = worker.begin("t1")
        await asyncio.wait_for(old.is_asked.wait(), 5)
        bench.clock.advance(LEASE_MS)
        bench.reap()
        second = worker.begin("t1")
        await asyncio.wait_for(new.is_asked.wait(), 5)
        await worker.leases.extend_all()
        await asyncio.wait_for(first, 5)
        assert len(worker.leases) == 1
        bench.clock.advance(LEASE_MS - 1)
        await worker.leases.extend_all()
        bench.clock.advance(LEASE_MS - 1)
        assert bench.reap().expired == 0
        new.may_answer.set()
        await asyncio.wait_for(second, 5)

    model = ScriptedModel()
    with_script(redis_url, model, work)
    assert bench.ticket()["verdict"]["category"] == "billing"
    assert bench.ticket()["crashes"] == 1


# A ledger that is away for a moment


def test_a_verdict_outlives_a_ledger_that_is_away_while_it_is_written(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        worker.ledger.away["finish"] = 1
        await worker.look("t1")
        assert worker.count("triage_stale_writes_refused_total") == 0

    with_script(redis_url, ScriptedModel(reply()), work)
    assert bench.ticket()["state"] == "triaged"
    assert bench.ticket()["cost_nusd"] == COST_NUSD


@pytest.mark.parametrize("what", ["recall", "extend"])
def test_a_write_that_has_begun_is_not_stopped(bench: Bench, redis_url: str, what: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        worker.ledger.away["finish"] = 1
        task = worker.begin("t1")
        async with asyncio.timeout(5):
            while worker.ledger.away["finish"]:  # noqa: ASYNC110 - the double has no event to wait for
                await asyncio.sleep(0.001)
        if what == "recall":
            assert worker.leases.recall_all() == 0
        else:
            taken_over(bench)
            await worker.leases.extend_all()
        await asyncio.wait_for(task, 5)
        assert worker.count("triage_stale_writes_refused_total") == (0 if what == "recall" else 1)

    with_script(redis_url, ScriptedModel(reply()), work)
    assert bench.ticket()["verdict"]["category"] == ("billing" if what == "recall" else "another worker")


def test_a_ledger_that_is_away_at_the_claim_costs_only_a_hint(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        worker.ledger.away["claim"] = 1
        await worker.look("t1")
        assert bench.ticket()["state"] == "accepted"
        await worker.look("t1")

    with_script(redis_url, ScriptedModel(reply()), work)
    assert bench.ticket()["state"] == "triaged"


def test_a_look_that_is_cancelled_from_outside_writes_nothing(bench: Bench, redis_url: str) -> None:
    bench.accept()

    async def work(worker: Looking) -> None:
        pause = Pause()
        model.answers.append(pause)
        task = worker.begin("t1")
        await asyncio.wait_for(pause.is_asked.wait(), 5)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert len(worker.leases) == 0

    model = ScriptedModel()
    with_script(redis_url, model, work)
    assert bench.ticket()["state"] == "running"  # the lease ends, and the reaper finds it


def test_a_failure_of_the_provider_is_in_the_story(bench: Bench, redis_url: str) -> None:
    bench.accept()
    failure = Failure(CallResult.SERVER_ERROR, "InternalServerError: broken", 30.0)
    with_script(redis_url, ScriptedModel(failure), lambda worker: worker.look("t1"))
    (call,) = calls(bench)
    assert (call["result"], call["error"], call["cost_nusd"]) == ("server_error", "InternalServerError: broken", 0)
    assert (bench.ticket()["state"], bench.ticket()["attempts"]) == ("retry", 1)
