"""Random talk: messages, edits, deletions, closings and deaths in any order; every message is somewhere, once."""

import asyncio
import json
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.ledger.reading import audit
from producers.chat.bursts import Bursts
from producers.chat.transitions import freeze
from producers.intake.door import Door
from tests.integration.producers.conftest import OpenDoor
from tests.support.chat import LATER, a_post, end_all

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

numbers = st.integers(0, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), numbers),
        st.tuples(st.just("edit"), numbers),
        st.tuples(st.just("delete"), numbers),
        st.tuples(st.sampled_from(["close", "die", "die late"]), st.just(0)),
    ),
    max_size=25,
)


async def step(door: Door, bursts: Bursts, client: redis.Redis, kind: str, number: int) -> None:
    if kind == "add":
        await bursts.add(a_post(number, author=f"author {number % 2}"))
    elif kind == "edit":
        await bursts.edit("slack", "p1", f"m{number}", f"text {number} changed")
    elif kind == "delete":
        await bursts.delete("slack", "p1", f"m{number}")
    else:
        await end(door, bursts, client, kind)


async def end(door: Door, bursts: Bursts, client: redis.Redis, kind: str) -> None:
    end_all(client)
    if kind == "close":
        await bursts.close_due()
        return
    for frozen in (await door.ledger.run(freeze())).frozen:
        if kind == "die late" and frozen.posts:
            await bursts._tell(frozen)


def said(client: redis.Redis) -> list[str]:
    """Every line of every ticket that was not withdrawn."""
    lines = []
    for key in client.scan_iter("tf:t:*"):
        row: Any = client.hmget(key, "state", "payload")
        if row[0] != b"discarded":
            lines += json.loads(row[1])["body"].split("\n")
    return sorted(lines)


def expected(done: list[tuple[str, int]]) -> list[str]:
    """What a person would expect to be triaged: nobody has claimed a ticket, so every change is in time."""
    texts: dict[int, str] = {}
    added = {number for kind, number in done if kind == "add"}
    deleted = {number for kind, number in done if kind == "delete"}
    for number in added - deleted:
        texts[number] = f"text {number} changed" if ("edit", number) in done else f"text {number}"
    return sorted(texts.values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(done=steps)
def test_every_message_that_was_not_taken_back_is_in_one_ticket(
    done: list[tuple[str, int]], open_door: OpenDoor, client: redis.Redis
) -> None:
    client.flushall()

    async def run() -> None:
        async with open_door() as door:
            bursts = Bursts(door, LATER)
            for kind, number in done:
                await step(door, bursts, client, kind, number)
            for _ in range(2):
                await end(door, bursts, client, "close")

    asyncio.run(run())
    assert said(client) == expected(done)
    assert audit(client) == []
