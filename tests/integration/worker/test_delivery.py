"""Deliveries to a receiver that behaves as PagerDuty's Events API: whatever happens on the way, one incident."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Effect, LeasedEffect
from fleet.settings import Settings, load_settings
from fleet.taxonomy import load_taxonomy
from fleet.ticket import Ticket
from fleet.verdict import Verdict
from tests.support.bench import Bench, a_ticket
from tests.support.looking import ShakyLedger
from tests.support.pager import ROUTING_KEY, Answer, Pager
from worker import delivery
from worker.delivery import GIVE_UP_AFTER_S, LEASE_MS, Deliverer
from worker.guardrails.policy import pages
from worker.metrics import Metrics
from worker.sinks import http
from worker.sinks.base import Sink, SinkError
from worker.sinks.http import Outbound
from worker.sinks.registry import build_sinks

pytestmark = pytest.mark.integration

PAGE = "page:t1"
VERDICT = Verdict(
    category="billing",
    urgency="high",
    needs_human=True,
    confidence=0.9,
    reason="charged twice",
    language="en",
    decided_by="small",
    taxonomy=load_taxonomy().version,
)


@pytest.fixture
def pager() -> Iterator[Pager]:
    with Pager() as running:
        yield running


class Office:
    """An outbox with one page in it, and a deliverer in front of the pager."""

    def __init__(self, bench: Bench, redis_url: str, pager: Pager) -> None:
        self.bench = bench
        self.pager = pager
        self.metrics = Metrics(CollectorRegistry())
        self.settings = load_settings({}, page_url=pager.url, page_routing_key=ROUTING_KEY)
        self._redis_url = redis_url

    def write_page(self, ticket: Ticket | None = None) -> Effect:
        """Finish a ticket with the page that its verdict is worth."""
        wanted = ticket or a_ticket("t1")
        effect = sinks_of(self.settings, Outbound())["page"].effect(wanted, VERDICT)
        assert effect is not None
        self.finish_with(effect, wanted.id)
        return effect

    def finish_with(self, effect: Effect, ticket_id: str = "t1") -> None:
        """Finish a ticket with any effect."""
        self.bench.accept(ticket_id)
        assert self.bench.finish(self.bench.claim(ticket_id), effects=[effect])

    def deliver(self, *ids: str, settings: Settings | None = None, sinks: dict[str, Sink] | None = None) -> None:
        """Run a deliverer of a process of its own."""
        self.run(lambda deliverer: deliverer.deliver(ids or (PAGE,)), settings=settings, sinks=sinks)

    def run(
        self,
        work: Callable[[Deliverer], Awaitable[object]],
        *,
        settings: Settings | None = None,
        sinks: dict[str, Sink] | None = None,
        away: dict[str, int] | None = None,
    ) -> None:
        async def once() -> None:
            ledger, outbound = ShakyLedger(self._redis_url), Outbound()
            ledger.away = away or {}
            found = sinks_of(settings or self.settings, outbound) if sinks is None else sinks
            try:
                await work(Deliverer(ledger, found, self.metrics, lambda: 1.0))
            finally:
                await outbound.close()
                await ledger.close()

        asyncio.run(once())

    def count(self, result: str) -> float:
        """How often a delivery to the pager ended so."""
        labels = {"sink": "page", "result": result}
        return self.metrics.registry.get_sample_value("triage_deliveries_total", labels) or 0

    @property
    def waiting(self) -> int:
        """How many rows lie in the outbox."""
        return self.bench.totals().effects_waiting

    def lease(self, **options: Any) -> LeasedEffect | None:
        """Take the page for sending."""
        return self.bench.ledger.run(do.lease_effect(PAGE, **options))


def sinks_of(settings: Settings, outbound: Outbound) -> dict[str, Sink]:
    return build_sinks(settings, outbound, lambda verdict: pages(verdict, load_taxonomy()))


@pytest.fixture
def office(bench: Bench, redis_url: str, pager: Pager) -> Office:
    return Office(bench, redis_url, pager)


def test_a_page_is_sent_and_its_row_is_gone(office: Office, pager: Pager) -> None:
    effect = office.write_page()
    office.deliver()
    assert list(pager.incidents) == [effect.dedup_key]
    assert pager.events[0]["payload"]["summary"] == "[support] billing, high: charged twice"
    assert (office.waiting, office.count("sent")) == (0, 1)
    assert "delivered" in office.bench.events()
    assert pager.errors == []


def test_a_second_hint_for_a_sent_page_sends_nothing(office: Office, pager: Pager) -> None:
    office.write_page()
    office.deliver()
    office.deliver()
    office.deliver(PAGE, PAGE, "page:unknown")
    assert len(pager.events) == 1


def test_a_pager_that_fails_first_gets_the_page_later_as_one_incident(office: Office, pager: Pager) -> None:
    office.write_page()
    pager.script = [500, 503, 202]
    for waiting in (1, 1, 0):
        office.deliver()
        assert office.waiting == waiting
        office.deliver()  # not due yet
        office.bench.clock.advance(5_000)
    assert len(pager.events) == 3
    assert [len(events) for events in pager.incidents.values()] == [1]
    assert (office.count("again"), office.count("sent")) == (2, 1)


def test_a_busy_pager_is_not_asked_again_before_it_said(office: Office, pager: Pager) -> None:
    office.write_page()
    pager.script = [Answer(429, {"Retry-After": "30"})]
    office.deliver()
    office.bench.clock.advance(29_999)
    office.deliver()
    assert len(pager.events) == 1
    office.bench.clock.advance(1)
    office.deliver()
    assert len(pager.incidents) == 1


@pytest.mark.parametrize("asked", ["1e9", "inf"])
def test_no_header_puts_a_page_off_for_a_day(office: Office, pager: Pager, asked: str) -> None:
    office.write_page()
    pager.script = [Answer(503, {"Retry-After": asked})]
    office.deliver()
    office.bench.clock.advance(int(http.LONGEST_RETRY_AFTER_S * 1000))
    office.deliver()
    assert len(pager.incidents) == 1


@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "nan", ""])
def test_a_header_that_is_no_number_of_seconds_is_passed_over(office: Office, pager: Pager, asked: str) -> None:
    office.write_page()
    pager.script = [Answer(503, {"Retry-After": asked})]
    office.deliver()
    office.bench.clock.advance(2_000)
    office.deliver()
    assert len(pager.incidents) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302, 307])
def test_what_will_never_be_taken_is_parked_for_a_person(office: Office, pager: Pager, status: int) -> None:
    office.write_page()
    pager.script = [Answer(status, {"Location": "http://127.0.0.1:9/"} if status < 400 else {})]
    office.deliver()
    office.bench.clock.advance(3_600_000)
    office.deliver()
    assert len(pager.events) == 1
    assert (office.waiting, office.bench.totals().effects_parked, office.count("parked")) == (0, 1, 1)
    (parked,) = reading.read_parked_effects(office.bench.client)
    assert (parked["id"], parked["sink"]) == (PAGE, "page")
    assert str(status) in parked["error"]


def test_a_wrong_routing_key_is_refused_parked_and_can_be_replayed(office: Office, pager: Pager) -> None:
    office.write_page()
    office.deliver(settings=office.settings.model_copy(update={"page_routing_key": None}))
    assert (office.waiting, len(pager.errors)) == (1, 0)  # no key in that worker: another one may have it
    office.bench.clock.advance(60_000)
    wrong = load_settings({}, page_url=pager.url, page_routing_key="wrong")
    office.deliver(settings=wrong)
    assert (pager.errors, office.bench.totals().effects_parked) == (["routing_key is wrong"], 1)
    assert office.bench.ledger.run(do.revive_effect(PAGE, "replay"))
    office.deliver()
    assert len(pager.incidents) == 1


def test_a_deliverer_that_dies_between_sending_and_recording_makes_no_second_incident(
    office: Office, pager: Pager
) -> None:
    office.write_page()
    leased = office.lease(lease_ms=LEASE_MS)
    assert leased is not None

    async def send(deliverer: Deliverer) -> None:
        await deliverer.sinks["page"].send(leased.effect)

    office.run(send)  # and dies here: nothing is settled
    office.deliver()
    assert len(pager.events) == 1  # while the lease lasts nobody else sends
    office.bench.clock.advance(LEASE_MS)
    office.deliver()
    assert len(pager.events) == 2
    assert [len(events) for events in pager.incidents.values()] == [2]
    assert office.waiting == 0


def test_a_ledger_that_cannot_be_told_leaves_the_page_to_be_sent_again(office: Office, pager: Pager) -> None:
    office.write_page()
    office.run(lambda deliverer: deliverer.deliver([PAGE]), away={"settle_effect": 1})
    assert (len(pager.events), office.waiting) == (1, 1)
    office.bench.clock.advance(LEASE_MS)
    office.deliver()
    assert (len(pager.incidents), office.waiting) == (1, 0)


def test_two_deliverers_at_once_send_one_event(office: Office, pager: Pager) -> None:
    office.write_page()
    pager.hold = threading.Event()

    async def twice(deliverer: Deliverer) -> None:
        both = [asyncio.create_task(deliverer.deliver([PAGE])) for _ in range(2)]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)  # the one that got no lease
        assert pager.hold is not None
        pager.hold.set()
        await asyncio.gather(*both)

    office.run(twice)
    assert len(pager.events) == 1


def test_a_pager_that_does_not_answer_in_time_is_asked_again(
    office: Office, pager: Pager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_S", 0.1)
    office.write_page()
    pager.hold = threading.Event()
    office.deliver()
    assert (office.waiting, office.count("again")) == (1, 1)
    pager.hold.set()
    office.bench.clock.advance(2_000)
    office.deliver()
    assert len(pager.incidents) == 1


@pytest.mark.parametrize("what", ["nobody listens", "no answer in time", "no address"])
def test_whatever_goes_wrong_outside_is_a_sink_error_that_can_be_tried_again(
    pager: Pager, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_S", 0.1)
    pager.delay_s = 1.0
    url = {"nobody listens": "http://127.0.0.1:9/", "no answer in time": pager.url, "no address": "http://"}[what]
    payload = {"summary": "s", "source": "s", "severity": "info"}
    event: dict[str, Any] = {
        "routing_key": ROUTING_KEY,
        "event_action": "trigger",
        "dedup_key": "a",
        "payload": payload,
    }

    async def post() -> None:
        outbound = Outbound()
        try:
            await outbound.post_json(url, event, idempotency_key="a")
        finally:
            await outbound.close()

    with pytest.raises(SinkError) as caught:
        asyncio.run(post())
    assert not caught.value.is_permanent


def test_an_outbound_call_ends_well_before_the_lease_of_its_row() -> None:
    assert http.TIMEOUT_S * 1_000 * 2 < LEASE_MS


def test_nobody_listening_is_tried_again(office: Office, pager: Pager) -> None:
    office.write_page()
    closed = load_settings({}, page_url="http://127.0.0.1:9/v2/enqueue", page_routing_key=ROUTING_KEY)
    office.deliver(settings=closed)
    assert (office.waiting, pager.events) == (1, [])


def test_a_page_for_a_sink_that_this_worker_does_not_know_waits_for_one_that_does(office: Office, pager: Pager) -> None:
    office.write_page()
    office.deliver(settings=office.settings.model_copy(update={"sinks": "log"}))
    assert (office.waiting, office.bench.totals().effects_parked) == (1, 0)
    office.bench.clock.advance(2_000)
    office.deliver()
    assert len(pager.incidents) == 1


def test_after_a_day_of_failures_a_delivery_is_parked(office: Office, pager: Pager) -> None:
    office.write_page()
    pager.script = [500, 500]
    office.deliver()
    office.bench.clock.advance(int(GIVE_UP_AFTER_S * 1000) + 1)
    office.deliver()
    assert (office.waiting, office.bench.totals().effects_parked) == (0, 1)


def test_the_wait_between_tries_grows_and_is_bounded(office: Office, pager: Pager) -> None:
    office.write_page()
    pager.script = [500] * 12
    waits = []
    for _ in range(12):
        office.deliver()
        not_before = int(office.bench.client.hget(f"tf:e:{PAGE}", "not_before") or 0)
        waits.append(not_before - office.bench.clock.now)
        office.bench.clock.set(not_before)
    assert waits == [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, *[300_000] * 4]


def test_a_row_that_was_leased_a_thousand_times_is_still_delivered(office: Office, pager: Pager) -> None:
    office.write_page()
    office.bench.client.hset(f"tf:e:{PAGE}", "attempts", 5_000)
    pager.script = [500]
    office.deliver()
    office.bench.clock.advance(int(delivery.LONGEST_WAIT_S * 1000))
    office.deliver()
    assert len(pager.incidents) == 1


class BrokenSink:
    """A sink whose author made a mistake."""

    name = "page"
    state = "broken"

    def effect(self, ticket: Ticket, verdict: Verdict) -> Effect | None:
        """Tell nothing."""
        del ticket, verdict
        return None

    async def send(self, effect: Effect) -> None:
        """Fail."""
        raise KeyError(effect.effect_id)


def test_a_bug_in_a_sink_is_one_more_failure_to_deliver(office: Office, pager: Pager) -> None:
    office.write_page()
    office.finish_with(Effect("log:t2", "log", "log:t2", json.dumps({"category": "billing"})), "t2")
    logs = sinks_of(office.settings, Outbound())["log"]
    office.deliver(PAGE, "log:t2", sinks={"page": BrokenSink(), "log": logs})
    assert (office.waiting, office.count("again")) == (1, 1)
    office.bench.clock.advance(2_000)
    office.deliver()
    assert (len(pager.incidents), office.waiting) == (1, 0)


def test_three_mails_of_one_conversation_are_one_incident(office: Office, pager: Pager) -> None:
    for n in (1, 2, 3):
        office.write_page(a_ticket(f"t{n}", conversation="c"))
    office.deliver("page:t1", "page:t2", "page:t3")
    assert [len(events) for events in pager.incidents.values()] == [3]
