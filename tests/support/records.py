"""Every kind of record that is read back from Redis: how it comes there, where it lies, and who reads it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import redis.asyncio

from fleet.errors import InvalidTicketError
from fleet.hints import read_hint
from fleet.lanes import Lane, Tier
from fleet.ledger import AsyncLedger, heartbeats
from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.outbox import read_deliveries
from fleet.ledger.payload import read_payload
from fleet.ledger.reading import read_dead, read_parked_effects
from fleet.taxonomy import load_taxonomy
from fleet.verdict import Verdict
from ops.cli.deadletters.listing import _delivery, _delivery_row, _row, _ticket
from ops.cli.health.queues import unserved
from ops.cli.health.state_page import _workers
from ops.cli.story.page import page
from ops.cli.story.record import read_effect, read_story, without_text
from ops.cli.tail import _read, line
from ops.demo.report import _calls, _frontier_only
from producers.api.lookup import look_up
from producers.api.tokens import Scope, Token
from producers.chat.settings import BurstSettings
from producers.chat.ticket import to_ticket
from producers.chat.transitions import add, freeze
from tests.support.bench import Bench, a_ticket
from tests.support.chat import a_post
from tests.support.limits import MODEL, OnServer, limits
from worker.context import read_context, write_context
from worker.domain import Call, CallResult, Draft, Escalate, Purpose
from worker.limits.permits import Ask, HoldReason, Permit, Report, Settlement
from worker.limits.reading import read_models
from worker.limits.revival import _doubtful
from worker.limits.rules import Budget
from worker.limits.shared import SharedLimiter
from worker.llm.prices import load_price_table
from worker.sinks.log import LogSink

VERDICT = {
    "category": "billing",
    "urgency": "high",
    "needs_human": True,
    "confidence": 0.9,
    "reason": "charged twice",
    "language": "en",
    "decided_by": "small",
    "taxonomy": "default-1",
    "flags": ["hidden_text"],
}
CALL = Call("claude-haiku-5-5", Tier.SMALL, Purpose.TRIAGE, "triage-2", CallResult.OK, 0.8, cost_nusd=5, error="none")
DRAFT = Draft("billing", "low", needs_human=False, confidence=0.4, reason="a bill", language="en")
BURSTS = BurstSettings(quiet_s=0.0001, longest_s=0.0001)
ASK = Ask(MODEL, Tier.SMALL, Lane.NORMAL, "p", 10, 100, 1_000)
LIMITS = limits(10, 1_000, 1_000)
REFUSED = Settlement(Report.HOLD, ticket_id="t1", reason=HoldReason.SPEND_LIMITED)


@dataclass(frozen=True)
class Record:
    """One kind. `place` is the key, and the field of a hash where the record is the JSON of one field only.

    `needed` are the fields without which nobody can be expected to understand it.
    """

    write: Callable[[Bench], None]
    place: tuple[str, str] | tuple[str]
    read: Callable[[Bench], object]
    needed: frozenset[str] = field(default_factory=frozenset)


# Tickets and their stories


def _ended(bench: Bench) -> None:
    bench.accept()
    held = bench.claim()
    calls = json.dumps([CALL.as_record()])
    effect = LogSink().effect(a_ticket(), Verdict.model_validate(VERDICT))
    outcome = json.dumps({"attempts": 1, "crashes": 0})
    options: dict[str, Any] = {"calls": calls, "cost_nusd": CALL.cost_nusd, "effects": [effect]}
    bench.finish(held, verdict=json.dumps(VERDICT), outcome=outcome, **options)


def _parked(bench: Bench) -> None:
    bench.accept()
    bench.park(bench.claim())


def _show(bench: Bench) -> object:
    story = read_story(bench.client, "t1")
    assert story is not None
    assert page(story, with_text=True)
    assert json.dumps(without_text(story))
    _frontier_only([story], load_price_table(), CALL.model)
    return [_calls(story), audit(bench.client)]


def _shown(bench: Bench) -> object:
    """Ask for the ticket as the API does, and follow the tail."""
    tail: Any = bench.client.xrevrange("tf:tail", count=10)
    found = [line(event) for event in _read(bench.client, tail)]
    return [_show(bench), found, asyncio.run(_look_up(bench))]


async def _look_up(bench: Bench) -> object:
    url = bench.client.connection_pool.connection_kwargs
    async with redis.asyncio.Redis(host=url["host"], port=url["port"], db=url.get("db", 0)) as client:
        found = await look_up(client, "t1", "default")
    assert found is None or json.dumps(found)
    return found


def _listed(bench: Bench) -> object:
    return [_row(_ticket(row), now_ms=bench.clock.now) for row in read_dead(bench.client)]


def _read_payload(bench: Bench) -> object:
    raw = bench.client.hget("tf:t:t1", "payload")
    assert isinstance(raw, bytes)
    _show(bench)
    return read_payload(raw.decode(), ticket_id="t1", accepted_ms=1).text


def _escalated(bench: Bench) -> None:
    bench.accept()
    context = write_context(Escalate("low_confidence", DRAFT))
    bench.ledger.run(
        do.escalate("t1", bench.claim().fence, queue="triage.frontier", reason="low_confidence", context=context)
    )


def _read_context(bench: Bench) -> object:
    raw = bench.client.hget("tf:t:t1", "context")
    assert isinstance(raw, bytes)
    context = read_context(raw.decode(), load_taxonomy())
    return (context.tier, context.small_draft)


# Deliveries


def _deliver(bench: Bench) -> object:
    read_deliveries(bench.client)
    read_effect(bench.client, "log:t1")
    bench.clock.advance(60_000)
    leased = bench.ledger.run(do.lease_effect("log:t1"))
    assert leased is not None
    asyncio.run(LogSink().send(leased.effect))
    return (leased.effect.sink, leased.effect.dedup_key, leased.ticket_id, leased.lane)


def _given_up(bench: Bench) -> None:
    _ended(bench)
    bench.ledger.run(do.settle_effect("log:t1", "parked", error="gone"))


def _list_given_up(bench: Bench) -> object:
    return [_delivery_row({**row, **_delivery(row)}) for row in read_parked_effects(bench.client)]


# Workers


def _beat(bench: Bench) -> None:
    state = {"worker": "w1", "queues": ["triage.small"], "running": 1, "draining": False, "metrics_port": None}
    bench.client.set("tf:hb:w1", json.dumps(state))


def _alive(bench: Bench) -> object:
    workers = heartbeats.Workers(bench.client).alive()
    assert [worker["worker"] for worker in workers] == ["w1"]
    return [_workers(workers), unserved({"triage.small": {"waiting": 1, "workers": 0}}, workers)]


# Bursts of chat


def _say(bench: Bench) -> None:
    bench.ledger.run(add(a_post(1), "b1", BURSTS, max_backlog=10))


def _close(bench: Bench) -> object:
    bench.clock.advance(1_000)
    (frozen,) = bench.ledger.run(freeze()).frozen
    return to_ticket(frozen).body


# The limiter


def limiter(bench: Bench) -> OnServer:
    """The fleet's limiter, on the test's clock."""
    return OnServer(bench.ledger, SharedLimiter(AsyncLedger("redis://127.0.0.1:1/0"), LIMITS, Budget()))


def _calls_end(*ends: Settlement) -> Callable[[Bench], None]:
    def call(bench: Bench) -> None:
        for end in ends:
            permit = limiter(bench).acquire(ASK)
            assert isinstance(permit, Permit)
            limiter(bench).settle(permit, end)

    return call


def _ask(bench: Bench) -> object:
    """Look at the model, and ask for two permits: one of them may go, and is settled."""
    state = read_models(bench.client, LIMITS, [MODEL])
    permits = [limiter(bench).acquire(ASK) for _ in range(2)]
    for permit in permits:
        if isinstance(permit, Permit):
            limiter(bench).settle(permit, Settlement(Report.REFUSED, ticket_id="t9"))
    return [state, permits, bench.ledger.run(_doubtful(MODEL))]


def _token(bench: Bench) -> None:
    token = Token("shop", "abc", frozenset({Scope.WRITE}), "acme", 1_900_000_000, 60)
    bench.client.set("tf:http:token:abc", token.dump())


def _load_token(bench: Bench) -> object:
    raw = bench.client.get("tf:http:token:abc")
    assert isinstance(raw, bytes)
    token = Token.load(raw)
    assert token.scopes <= {Scope.WRITE}
    return token.refusal("abc", 0)


def _hint(bench: Bench) -> None:
    hint = {"ids": ["t1"], "queue": "triage.small", "at_ms": 1, "v": 1}
    bench.client.set("hint", json.dumps(hint))


def _read_hint(bench: Bench) -> object:
    raw: Any = bench.client.get("hint")
    try:
        return read_hint(json.loads(raw))
    except InvalidTicketError as error:  # refused with words: the reaper names its tickets again
        return str(error)


STORY = "tf:h:t1"
RECORDS = {
    "ticket": Record(_ended, ("tf:t:t1",), _shown),
    "parked ticket": Record(_parked, ("tf:t:t1",), _listed),
    "payload": Record(_ended, ("tf:t:t1", "payload"), _read_payload, frozenset({"source", "body"})),
    "context": Record(_escalated, ("tf:t:t1", "context"), _read_context),
    "verdict": Record(_ended, ("tf:t:t1", "verdict"), _shown),
    "outcome": Record(_ended, ("tf:t:t1", "outcome"), _show),
    "story": Record(_ended, (STORY,), _show),
    "delivery": Record(_ended, ("tf:e:log:t1",), _deliver),
    "given up": Record(_given_up, ("tf:e:log:t1",), _list_given_up),
    "body of a delivery": Record(_ended, ("tf:e:log:t1", "body"), _deliver),
    "heartbeat": Record(_beat, ("tf:hb:w1",), _alive),
    "burst": Record(_say, ("tf:burst:b:b1",), _close),
    "message of a burst": Record(_say, ("tf:burst:p:b1", a_post(1).name), _close, frozenset({"text"})),
    "limiter": Record(_calls_end(Settlement(Report.GOOD, 5, 5, 10)), (f"tf:lim:{MODEL}",), _ask),
    "limiter, held": Record(_calls_end(REFUSED), (f"tf:lim:{MODEL}",), _ask),
    "token": Record(_token, ("tf:http:token:abc",), _load_token),
    "hint": Record(_hint, ("hint",), _read_hint),
}
