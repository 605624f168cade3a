"""Random talk on a clock that the test moves: messages, edits, deletions, claims, closings and deaths in any order."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.ledger import transitions as do
from fleet.ledger.audit import audit
from fleet.ledger.reading import open_tickets
from fleet.ledger.records import Claim
from producers.chat.bursts import Bursts, BurstSettings
from producers.chat.transitions import LEASE_MS, freeze
from producers.intake.door import Door
from tests.integration.producers.conftest import OpenDoor
from tests.support.chat import START, a_post, bursts_under_test_clock
from tests.support.clock import Clock

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

SHORT = BurstSettings(quiet_s=20, longest_s=50, max_messages=3)

numbers = st.integers(0, 5)
versions = st.integers(1, 4)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), numbers, versions),
        st.tuples(st.just("edit"), numbers, versions),
        st.tuples(st.just("delete"), numbers, versions),
        st.tuples(st.sampled_from(["wait", "close", "die", "die late", "claim"]), numbers, versions),
    ),
    max_size=30,
)


@dataclass
class Talk:
    """What people did, and what therefore has to be somewhere."""

    door: Door
    bursts: Bursts
    client: redis.Redis
    clock: Clock
    added: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    edits: dict[int, int] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)

    async def step(self, kind: str, number: int, version: int) -> None:
        match kind:
            case "add":
                self.added.add(number)
                await self.bursts.add(a_post(number, f"{number} v0", author=f"author {number % 2}"))
            case "edit":
                self.edits[number] = max(version, self.edits.get(number, 0))
                at = START + timedelta(seconds=version)
                await self.bursts.edit("slack", "p1", f"m{number}", f"{number} v{version}", at=at)
            case "delete":
                self.deleted.add(number)
                await self.bursts.delete("slack", "p1", f"m{number}")
            case "wait":
                self.clock.advance(7_000 * (number + 1) if version > 1 else -3_000)
            case "close":
                await self.bursts.close_due()
            case "claim":
                await self.claim()
            case _:
                await self.die(kind)

    async def die(self, kind: str) -> None:
        """Take what is due and be gone; late is after the ledger was told, and before the burst was."""
        for frozen in (await self.door.ledger.run(freeze())).frozen:
            if kind == "die late" and frozen.posts:
                await self.bursts._closing._tell(frozen)

    async def claim(self) -> None:
        """Have a worker begin with the oldest ticket."""
        for name in open_tickets(self.client)[:1]:
            answer = await self.door.ledger.run(
                do.claim(name, queue="triage.small", hinted_ms=self.clock.now, worker="w", lease_ms=10**9)
            )
            if isinstance(answer, Claim):
                self.claimed.add(name)

    async def end(self) -> None:
        """Let everything become a ticket."""
        for _ in range(3):
            self.clock.advance(SHORT.longest_s.__ceil__() * 1_000 + LEASE_MS)
            await self.bursts.close_due()

    def tickets(self) -> dict[str, list[str]]:
        """The lines of every ticket that was not withdrawn."""
        found = {}
        for key in self.client.scan_iter("tf:t:*"):
            row: Any = self.client.hmget(key, "state", "payload")
            if row[0] != b"discarded":
                found[key.decode().removeprefix("tf:t:")] = json.loads(row[1])["body"].split("\n")
        return found

    def places(self) -> Counter[tuple[int, str]]:
        """Where each message is: in which burst, its ticket included."""
        found: Counter[tuple[int, str]] = Counter()
        for burst, lines in self.tickets().items():
            found.update((int(line.split()[0]), burst) for line in lines)
        for key in self.client.scan_iter("tf:burst:p:*"):
            burst = f"c{key.decode().removeprefix('tf:burst:p:')}"
            posts: Any = self.client.hvals(key)
            for post in posts:
                found[int(json.loads(post)["message_id"][1:]), burst] |= 1
        return found

    def check_now(self) -> None:
        """Whatever happened last: each message is in one burst or its ticket, once."""
        places = self.places()
        assert set(places.values()) <= {1}, places
        for number in self.added - self.deleted:
            assert [place for place in places if place[0] == number] != [], f"{number} is lost"
        assert len({number for number, _ in places}) == len(places), f"in two bursts: {places}"

    def check_at_the_end(self) -> None:
        """What nobody has begun to triage reads as its author left it; the rest is there in some version."""
        tickets = self.tickets()
        waiting = [line for name, lines in tickets.items() if name not in self.claimed for line in lines]
        begun = [line for name, lines in tickets.items() if name in self.claimed for line in lines]
        in_work = {int(line.split()[0]) for line in begun}
        expected = [f"{n} v{self.edits.get(n, 0)}" for n in self.added - self.deleted - in_work]
        assert sorted(waiting) == sorted(expected)
        assert len(in_work) == len(begun)
        assert in_work <= self.added


@pytest.fixture
def stopped_clock(client: redis.Redis) -> Iterator[Clock]:
    with bursts_under_test_clock():
        yield Clock(client)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(done=steps)
def test_every_message_that_was_not_taken_back_is_in_one_burst_or_ticket(
    done: list[tuple[str, int, int]], open_door: OpenDoor, client: redis.Redis, stopped_clock: Clock
) -> None:
    client.flushall()
    stopped_clock.set(stopped_clock.now)

    async def run() -> None:
        async with open_door() as door:
            talk = Talk(door, Bursts(door, SHORT), client, stopped_clock)
            for kind, number, version in done:
                await talk.step(kind, number, version)
                talk.check_now()
            await talk.end()
            talk.check_at_the_end()

    asyncio.run(run())
    assert audit(client) == []
