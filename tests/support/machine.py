"""The ledger as a state machine for Hypothesis: random steps, each answer compared with the model."""

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fleet.lanes import QUARANTINE, TRIAGE_QUEUES, Lane, Tier, queue_of
from fleet.ledger import reading
from fleet.ledger import transitions as do
from fleet.ledger.records import Accepted, Claim, NoClaim
from tests.support.bench import FRONTIER, LEASE_MS, SLACK_MS, Bench, a_ticket, an_effect
from tests.support.clock import START_MS
from tests.support.model import Model, Modelled

MAX_BACKLOG = 4
OPEN = ("accepted", "running", "retry")

small_int = st.integers(0, 1_000)
delays = st.sampled_from([0, 1, 2_000, 20_000])
jumps = st.sampled_from(
    [1, 1_000, SLACK_MS - 1, SLACK_MS, SLACK_MS + 1, LEASE_MS - 1, LEASE_MS, 60_000, -3_000, -60_000]
)


class LedgerMachine(RuleBasedStateMachine):
    """Producers, workers, reapers, people and bad luck, all on one ledger."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        self.model = Model()
        self.hints: list[tuple[str, str, int]] = []  # the broker's lists
        self.held: list[Claim] = []  # every claim ever made; most of them are stale
        self.fences: dict[str, int] = {}
        self.verdicts: dict[str, object] = {}
        self.ended: dict[str, str] = {}
        bench.client.flushall()
        bench.clock.set(START_MS)

    @property
    def now(self) -> int:
        return self.bench.clock.now

    @initialize(bodies=st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=MAX_BACKLOG))
    def begin(self, bodies: list[str]) -> None:
        for n, body in enumerate(bodies):
            self.accept(f"k{n}", body, Lane.NORMAL, same_id=False)

    # Producers

    @rule(
        key=st.sampled_from([f"k{n}" for n in range(12)]),
        body=st.sampled_from(["a", "a", "a", "b"]),
        lane=st.sampled_from(Lane),
        same_id=st.sampled_from([False, False, False, True]),
    )
    def accept(self, key: str, body: str, lane: Lane, *, same_id: bool) -> None:
        tickets, keys = self.model.tickets, self.model.keys
        ticket_id = next(iter(tickets)) if same_id and tickets else f"t{len(tickets)}"
        answer = self.bench.ledger.run(
            do.accept(a_ticket(ticket_id, body), key=key, lane=lane, max_backlog=MAX_BACKLOG)
        )
        if key in keys:
            same = tickets[keys[key]].body == body
            expected = (Accepted.DUPLICATE if same else Accepted.CONFLICT, keys[key])
        elif ticket_id in tickets:
            expected = (Accepted.CONFLICT, ticket_id)
        elif len(self.model.named(*OPEN)) >= MAX_BACKLOG:
            expected = (Accepted.FULL, "")
            self.model.refused += 1
        else:
            expected = (Accepted.ACCEPTED, ticket_id)
            keys[key] = ticket_id
            queue = queue_of(Tier.SMALL, lane)
            tickets[ticket_id] = Modelled(ticket_id, body, lane, queue, self.now)
            self.hints.append((ticket_id, queue, self.now))
        assert (answer.result, answer.ticket_id, answer.at_ms) == (*expected, self.now)

    @rule()
    def a_flood(self) -> None:
        for n in range(MAX_BACKLOG + 1):
            self.accept(f"flood-{len(self.model.tickets)}-{n}", "a", Lane.BULK, same_id=False)

    @rule(which=small_int, body=st.sampled_from(["a", "c"]))
    def its_author_changes_it(self, which: int, body: str) -> None:
        ticket = self._nth(which)
        answer = self.bench.ledger.run(do.amend(a_ticket(ticket.id, body)))
        if answer == "amended":
            ticket.body = body
        assert answer == ("amended" if ticket.state in ("accepted", "retry") else "late")

    @rule(which=small_int)
    def its_author_takes_it_back(self, which: int) -> None:
        ticket = self._nth(which)
        answer = self.bench.ledger.run(do.withdraw(ticket.id, why="deleted"))
        if ticket.state in ("accepted", "retry"):
            ticket.state = "discarded"
        assert answer == ("withdrawn" if ticket.state == "discarded" else "late")

    def _nth(self, which: int) -> Modelled:
        return list(self.model.tickets.values())[which % len(self.model.tickets)]

    # Hints

    @precondition(lambda self: self.hints)
    @rule(which=small_int, again=st.booleans())
    def take_a_hint(self, which: int, *, again: bool) -> None:
        place = 0 if which % 3 else which % len(self.hints)
        ticket_id, queue, at_ms = self.hints[place] if again else self.hints.pop(place)
        self._claim(ticket_id, queue, at_ms)

    @rule(which=small_int, queue=st.sampled_from([FRONTIER, QUARANTINE, "triage.small"]))
    def take_a_hint_from_nowhere(self, which: int, queue: str) -> None:
        self._claim(f"t{which % (len(self.model.tickets) + 1)}", queue, self.now)

    @precondition(lambda self: self.model.named("retry"))
    @rule(which=small_int)
    def take_an_old_hint_of_a_ticket_that_waits(self, which: int) -> None:
        names = self.model.named("retry")
        ticket = self.model.tickets[names[which % len(names)]]
        self._claim(ticket.id, ticket.queue, ticket.disp)

    @precondition(lambda self: self.hints)
    @rule(which=small_int)
    def lose_a_hint(self, which: int) -> None:
        self.hints.pop(which % len(self.hints))

    def _claim(self, ticket_id: str, queue: str, at_ms: int) -> None:
        answer = self.bench.try_claim(ticket_id, queue=queue, hinted_ms=at_ms)
        expected = self.model.claims(ticket_id, queue, at_ms, self.now)
        if isinstance(expected, NoClaim) or isinstance(answer, NoClaim):
            assert answer == expected
            return
        assert (answer.fence, answer.attempts, answer.crashes) == (expected.fence, expected.attempts, expected.crashes)
        assert answer.fence > self.fences.get(ticket_id, 0), "a fence did not grow"
        self.fences[ticket_id] = answer.fence
        self.held.append(answer)

    # Workers: every other write comes from any claim ever made, most of which are stale; the others are good ones

    @property
    def can_work(self) -> bool:
        return bool(self.held or self.model.named("accepted"))

    def _pick(self, which: int) -> Claim:
        waiting = self.model.named("accepted")
        if waiting and (which % 2 or not self.held):
            ticket = self.model.tickets[waiting[which % len(waiting)]]
            self._claim(ticket.id, ticket.queue, ticket.disp)
            return self.held[-1]
        live = [held for held in self.held if self.model.is_current(held)] if which % 4 == 0 else []
        candidates = live or self.held[-4:]
        return candidates[which % len(candidates)]

    @precondition(lambda self: self.can_work)
    @rule(which=small_int)
    def extend(self, which: int) -> None:
        self._extend(self._pick(which))

    def _extend(self, held: Claim) -> None:
        answer = self.bench.ledger.run(do.extend([(held.ticket_id, held.fence)], lease_ms=LEASE_MS))
        ticket = self.model.current(held)
        if ticket:
            ticket.due = self.now + LEASE_MS
        else:
            self.model.stale -= 1  # a beat is no write
        assert answer == [ticket is not None]

    @precondition(lambda self: self.can_work)
    @rule(which=small_int, sinks=st.lists(st.sampled_from(["page", "webhook"]), unique=True))
    def finish(self, which: int, sinks: list[str]) -> None:
        self._finish(self._pick(which), sinks)

    def _finish(self, held: Claim, sinks: list[str]) -> None:
        effects = [an_effect(held.ticket_id, sink) for sink in sinks]
        verdict = f'{{"fence":{held.fence},"at":{self.now}}}'
        answer = self.bench.finish(held, effects=effects, verdict=verdict)
        ticket = self.model.current(held)
        if ticket:
            ticket.state, ticket.verdict = "triaged", verdict
            ticket.effects = tuple(effect.effect_id for effect in effects)
        assert answer is (ticket is not None)

    @precondition(lambda self: self.can_work)
    @rule(which=small_int, queue=st.sampled_from([FRONTIER, "triage.frontier.urgent"]))
    def escalate(self, which: int, queue: str) -> None:
        held = self._pick(which)
        answer = self.bench.ledger.run(do.escalate(held.ticket_id, held.fence, queue=queue, reason="r"))
        ticket = self.model.current(held)
        if ticket:
            ticket.attempts = 0
            self.hints.append((*self.model.offered(ticket, queue, self.now), self.now))
        assert answer == (self.now if ticket else None)

    @precondition(lambda self: self.can_work)
    @rule(which=small_int, delay_ms=delays, refund=st.booleans())
    def retry(self, which: int, delay_ms: int, *, refund: bool) -> None:
        held = self._pick(which)
        answer = self.bench.retry(held, delay_ms, refund=refund)
        ticket = self.model.current(held)
        if ticket:
            ticket.attempts -= int(refund)
            if delay_ms:
                ticket.state, ticket.due = "retry", self.now + delay_ms
            else:
                self.hints.append((*self.model.offered(ticket, ticket.queue, self.now), self.now))
        assert answer == (self.now if ticket else None)

    @precondition(lambda self: self.can_work)
    @rule(which=small_int)
    def park(self, which: int) -> None:
        self._park(self._pick(which))

    def _park(self, held: Claim) -> None:
        answer = self.bench.park(held)
        ticket = self.model.current(held)
        if ticket:
            ticket.state = "parked"
        assert answer is (ticket is not None)

    @precondition(lambda self: self.can_work)
    @rule(which=small_int)
    def a_worker_freezes_and_wakes(self, which: int) -> None:
        """Its lease ends, another one takes the ticket, and then it wakes and goes on."""
        held = self._pick(which)
        ticket = self.model.tickets[held.ticket_id]
        self.bench.clock.set(max(self.now, ticket.due))
        self.reap()
        if ticket.state == "accepted":
            self._claim(ticket.id, ticket.queue, self.now)
        self._extend(held)
        self._finish(held, ["page"])

    @precondition(lambda self: self.model.named("running"))
    @rule()
    def all_workers_die(self) -> None:
        """No write ever comes, and the leases end."""
        last = max(self.model.tickets[name].due for name in self.model.named("running"))
        self.bench.clock.set(max(self.now, last))
        self.reap()

    # Time, the reaper, people

    @rule(ms=jumps)
    def time_passes(self, ms: int) -> None:
        self.bench.clock.advance(ms)

    @rule()
    def reap(self) -> None:
        empty = sorted(set(TRIAGE_QUEUES) - {queue for _, queue, _ in self.hints})
        found = self.bench.reap(empty_queues=empty)
        expected = self.model.reaped(self.now, empty)
        assert (found.expired, found.parked, found.lost, sorted(found.dispatch)) == expected
        self.hints.extend((ticket_id, queue, found.at_ms) for ticket_id, queue in found.dispatch)

    @rule(which=small_int)
    def replay(self, which: int) -> None:
        ticket = self._any(which)
        answer = self.bench.ledger.run(do.replay(ticket.id))
        if ticket.state == "parked":
            queue = queue_of(Tier.SMALL, ticket.lane)
            ticket.attempts = ticket.crashes = 0
            self.hints.append((*self.model.offered(ticket, queue, self.now), self.now))
            assert (answer.state, answer.at_ms, answer.queue) == ("accepted", self.now, queue)
        else:
            assert (answer.state, answer.queue) == (ticket.state, None)

    @rule(which=small_int, again=st.booleans())
    def discard(self, which: int, *, again: bool) -> None:
        ticket = self._any(which)
        answer = self.bench.ledger.run(do.discard(ticket.id, why="spam"))
        assert answer is (ticket.state == "parked")
        if answer:
            ticket.state = "discarded"
        if again:  # two people at once
            assert not self.bench.ledger.run(do.discard(ticket.id, why="spam"))
            if ticket.state == "discarded":
                assert self.bench.ledger.run(do.replay(ticket.id)).queue is None

    def _any(self, which: int) -> Modelled:
        if which % 3 and self.can_work and not self.model.named("parked"):
            self._park(self._pick(which))
        names = (self.model.named("parked") if which % 3 else []) or list(self.model.tickets)
        return self.model.tickets[names[which % len(names)]]

    # What must hold after every step

    @invariant()
    def the_books_agree_with_the_tickets(self) -> None:
        assert self.bench.problems() == []

    @invariant()
    def every_ticket_is_as_the_model_says(self) -> None:
        fields = ("state", "queue", "lane", "fence", "attempts", "crashes", "disp", "verdict")
        pipe = self.bench.client.pipeline(transaction=False)
        for name in self.model.tickets:
            pipe.hmget(f"tf:t:{name}", fields)
        for t, row in zip(self.model.tickets.values(), pipe.execute(), strict=True):
            found = tuple((value or b"").decode() for value in row)
            expected = (t.state, t.queue, t.lane, t.fence, t.attempts, t.crashes, t.disp, t.verdict)
            assert found == tuple(map(str, expected)), t.id

    @invariant()
    def what_has_ended_stays_ended_and_verdicts_never_change(self) -> None:
        for name in self.model.named("triaged", "discarded"):
            row: Any = self.bench.client.hmget(f"tf:t:{name}", "state", "verdict")
            assert self.ended.setdefault(name, row[0]) == row[0] != b"accepted"
            assert self.verdicts.setdefault(name, row[1]) == row[1]

    @invariant()
    def the_outbox_holds_the_effects_of_finished_tickets(self) -> None:
        rows: Any = self.bench.client.zrange("tf:out", 0, -1)
        assert {row.decode() for row in rows} == {e for t in self.model.tickets.values() for e in t.effects}
        for row in rows:
            owner: Any = self.bench.client.hget(b"tf:e:" + row, "ticket")
            assert row.decode() in self.model.tickets[owner.decode()].effects

    @invariant()
    def the_counters_agree_with_the_model(self) -> None:
        totals = self.bench.totals()
        assert totals.is_balanced
        assert (totals.accepted, totals.refused_full) == (len(self.model.tickets), self.model.refused)
        assert (totals.triaged, totals.discarded) == (
            len(self.model.named("triaged")),
            len(self.model.named("discarded")),
        )
        assert (totals.stale_refused, totals.redispatched) == (self.model.stale, self.model.redispatched)
        assert totals.leases_expired == self.model.expired
        for lane, view in reading.read_lanes(self.bench.client).items():
            states = [t.state for t in self.model.tickets.values() if t.lane is lane]
            assert view.waiting == states.count("accepted") + states.count("retry")
            assert view.running == states.count("running")

    def teardown(self) -> None:
        """Let reapers and healthy workers run on: with every hint and claim lost, no ticket may be left behind."""
        self.hints.clear()
        self.bench.clock.set(max([self.now, *(max(t.due, t.disp) for t in self.model.tickets.values())]))
        for _ in range(3):
            self.bench.clock.advance(SLACK_MS + 1)
            for ticket_id, queue in self.bench.reap(empty_queues=TRIAGE_QUEUES).dispatch:
                self.bench.finish(self.bench.claim(ticket_id, queue=queue))
        assert self.bench.totals().waiting == 0, "tickets were lost"


def run_machine(bench: Bench, *, shrinking: bool = True) -> None:
    """Run the property under the profile in force; a failure is an AssertionError."""
    quick = settings(phases=[Phase.generate], report_multiple_bugs=False, max_examples=1_000)
    found = settings() if shrinking else quick
    run_state_machine_as_test(lambda: LedgerMachine(bench), settings=found)  # type: ignore[arg-type]
