from collections.abc import Callable

import pytest
import redis

from fleet.lanes import Lane
from fleet.ledger import transitions as do
from fleet.ledger.audit import BATCH, audit, breaches
from tests.support.bench import FRONTIER, Bench, a_ticket, an_effect

pytestmark = pytest.mark.integration


@pytest.fixture
def busy(bench: Bench) -> Bench:
    """A ledger with a ticket in every state, named after it, and an effect in every state of the outbox."""
    for name in ("accepted", "running", "retry", "parked", "triaged", "replayed", "discarded", "escalated"):
        bench.accept(name)
    bench.claim("running")
    bench.retry(bench.claim("retry"), 60_000)
    for name in ("parked", "replayed", "discarded"):
        bench.park(bench.claim(name))
    bench.finish(
        bench.claim("triaged"),
        effects=[an_effect("triaged"), an_effect("triaged", "log")],
        calls='[{"cost_nusd":7}]',
        cost_nusd=7,
    )
    bench.ledger.run(do.lease_effect("log:triaged"))
    bench.ledger.run(do.settle_effect("log:triaged", "parked", error="410"))
    bench.ledger.run(do.replay("replayed"))
    bench.ledger.run(do.discard("discarded", why="spam"))
    held = bench.claim("escalated")
    bench.ledger.run(do.escalate("escalated", held.fence, queue=FRONTIER, reason="long"))
    return bench


Damage = Callable[[redis.Redis], object]

DAMAGE: dict[str, tuple[Damage, str]] = {
    "a waiting ticket without a place": (
        lambda c: c.zrem("tf:wait:triage.small", "accepted"),
        "wait: accepted is missing",
    ),
    "a waiting ticket in another queue": (
        lambda c: (c.zrem("tf:wait:triage.small", "accepted"), c.zadd("tf:wait:triage.quarantine", {"accepted": 1})),
        "wait: accepted stands in wait:triage.quarantine",
    ),
    "an escalated ticket in two queues": (
        lambda c: c.zadd("tf:wait:triage.small", {"escalated": 1}),
        "wait: escalated stands in wait:triage.small",
    ),
    "a running ticket without a lease": (lambda c: c.zrem("tf:due", "running"), "due: running is missing"),
    "a running ticket without a worker": (lambda c: c.hdel("tf:t:running", "worker"), "worker: running runs"),
    "a retry without a time": (lambda c: c.zrem("tf:due", "retry"), "due: retry is missing"),
    "a parked ticket off the list": (lambda c: c.zrem("tf:dlq", "parked"), "dlq: parked is missing"),
    "a parked ticket without a reason": (lambda c: c.hdel("tf:t:parked", "reason"), "reason: parked is parked"),
    "an open ticket that is closed": (lambda c: c.zrem("tf:open:normal", "retry"), "open: retry is missing"),
    "an ended ticket that is open": (
        lambda c: c.zadd("tf:open:normal", {"triaged": 1}),
        "open: triaged is there by mistake",
    ),
    "a ticket that vanished": (lambda c: c.delete("tf:t:accepted"), "open: accepted is there by mistake"),
    "a state nobody knows": (lambda c: c.hset("tf:t:accepted", "state", "napping"), "state: accepted has a state"),
    "a verdict that vanished": (lambda c: c.hdel("tf:t:triaged", "verdict"), "verdict: triaged is triaged"),
    "a verdict on a waiting ticket": (
        lambda c: c.hset("tf:t:accepted", "verdict", "{}"),
        "verdict: accepted is accepted",
    ),
    "two verdicts": (lambda c: c.rpush("tf:h:triaged", '{"event":"triaged"}'), "once: triaged has 2"),
    "a verdict without its line": (lambda c: c.rpop("tf:h:triaged", 2), "once: triaged has 0"),
    "parked twice": (lambda c: c.rpush("tf:h:parked", '{"event":"parked"}'), "parked: parked has 2"),
    "a claim that nobody told of": (lambda c: c.hincrby("tf:t:running", "fence", 1), "claims: running has 1"),
    "more tries than claims": (lambda c: c.hset("tf:t:running", "attempts", 5), "fence: running was tried"),
    "money that no call explains": (lambda c: c.hincrby("tf:t:triaged", "cost_nusd", 1), "cost: triaged has 7"),
    "a story that vanished": (lambda c: c.delete("tf:h:accepted"), "story: accepted has no story"),
    "an open ticket that expires": (lambda c: c.pexpire("tf:t:accepted", 10_000), "retention: accepted is accepted"),
    "an ended ticket that never expires": (lambda c: c.persist("tf:t:triaged"), "retention: triaged is triaged"),
    "a key of another ticket": (lambda c: c.hset("tf:idem:key-accepted", "id", "running"), "key: accepted has"),
    "a delivery without its row": (lambda c: c.delete("tf:e:page:triaged"), "delivery: page:triaged is named"),
    "a delivery on no list": (lambda c: c.zrem("tf:out", "page:triaged"), "delivery: page:triaged is kept"),
    "a delivery on two lists": (lambda c: c.zadd("tf:outdlq", {"page:triaged": 1}), "delivery: page:triaged is kept"),
    "a wrong counter": (lambda c: c.hincrby("tf:n", "accepted", 1), "sums: the books do not balance"),
    "a wrong lane counter": (lambda c: c.hincrby("tf:n", "waiting:normal", 1), "sums: lane normal"),
    "a wrong count of dead letters": (lambda c: c.hincrby("tf:n", "dead:bad_output", 1), "sums: 1 tickets are parked"),
}


@pytest.mark.parametrize(("damage", "finding"), DAMAGE.values(), ids=DAMAGE.keys())
def test_the_audit_finds(busy: Bench, damage: Damage, finding: str) -> None:
    assert busy.problems() == []
    damage(busy.client)
    assert any(problem.startswith(finding) for problem in busy.problems()), busy.problems()


def test_a_breach_names_its_ticket(busy: Bench) -> None:
    busy.client.zrem("tf:due", "running")
    found = [breach for breach in breaches(busy.client) if breach.rule == "due"]
    assert [breach.subject for breach in found] == ["running"]


def test_the_audit_is_content_with_an_empty_ledger(client: redis.Redis) -> None:
    assert audit(client) == []


def test_the_audit_knows_every_queue(bench: Bench) -> None:
    for n, lane in enumerate(Lane):
        bench.accept(f"t{n}", lane=lane)
    bench.ledger.run(do.accept(a_ticket("t9"), key="k9"))
    bench.crash("t9")
    bench.crash("t9")
    assert bench.problems() == []


def test_the_audit_tells_how_far_it_is(bench: Bench) -> None:
    for n in range(BATCH + 1):
        bench.accept(f"t{n}")
    seen: list[int] = []
    assert audit(bench.client, on_batch=seen.append) == []
    assert seen == [BATCH, BATCH + 1]


def test_the_audit_answers_on_a_server_without_room(busy: Bench) -> None:
    busy.client.config_set("maxmemory", 1)
    try:
        assert busy.problems() == []
    finally:
        busy.client.config_set("maxmemory", 0)
