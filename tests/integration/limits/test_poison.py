"""Refused tickets among healthy ones and alone, and nonsense from one model, with the real parts of two workers."""

import asyncio
from collections.abc import Callable

import pytest
import redis

from fleet.ledger import Ledger
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_dead, read_totals
from fleet.settings import Settings
from tests.support.crew import compress_time, crew, submit
from tests.support.simulator import Simulator
from worker.limits.permits import HoldReason
from worker.limits.reading import read_models
from worker.limits.rules import DOUBT_TIMES, LEAST_REPLIES, LimitsFile

pytestmark = pytest.mark.integration

WORKERS, SLOTS = 2, 4
TEXT = ("How do I change my password? Case <{n}>.",)
FACTOR = 60

Work = Callable[[int, Callable[[], bool]], None]


@pytest.fixture(autouse=True)
def _compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    compress_time(monkeypatch, FACTOR)


@pytest.fixture
def work(redis_url: str, ledger: Ledger, make_settings: Callable[..., Settings]) -> Work:
    """Submit so many tickets and work on them until it is done."""

    def until(count: int, is_done: Callable[[], bool]) -> None:
        ids = submit(ledger, count, TEXT)

        async def whole() -> None:
            async with crew(redis_url, make_settings(), workers=WORKERS, slots=SLOTS) as workers:
                await workers.work(ids, is_done, deadline_s=40)

        asyncio.run(whole())

    return until


def parked(client: redis.Redis) -> dict[str, str]:
    return {row["id"]: row["reason"] for row in read_dead(client)}


def test_ten_poisonous_tickets_in_a_row_are_parked_and_the_healthy_ones_are_not(
    client: redis.Redis, simulator: Simulator, work: Work
) -> None:
    poison = range(20, 30)
    simulator.plan(*({"kind": "refused_400", "match": f"Case <{n}>"} for n in poison))
    work(80, lambda: read_totals(client).waiting == 0)
    assert parked(client) == {f"t{n}": "bad_request" for n in poison}
    assert read_totals(client).triaged == 80 - len(poison)
    assert audit(client) == []
    calls = simulator.calls() - read_totals(client).triaged
    assert calls <= len(poison) * DOUBT_TIMES


def test_a_fleet_whose_only_ticket_is_poisonous_parks_it_and_stops_asking(
    client: redis.Redis, simulator: Simulator, work: Work
) -> None:
    simulator.plan({"kind": "refused_400"})
    work(1, lambda: read_totals(client).waiting == 0)
    assert parked(client) == {"t0": "bad_request"}
    assert simulator.calls() == DOUBT_TIMES


def test_nonsense_from_the_small_model_does_not_send_everything_to_the_dear_one(
    client: redis.Redis, simulator: Simulator, work: Work, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings()
    simulator.plan({"kind": "echo", "model": settings.small_model})
    work(100, lambda: _is_held(client, settings.small_model) and _at_rest(client))
    dear = sum(simulator.stats()["calls"].get(settings.frontier_model, {}).values())
    assert dear <= LEAST_REPLIES + WORKERS * SLOTS
    assert read_totals(client).parked == 0
    assert read_totals(client).waiting >= 100 - LEAST_REPLIES - WORKERS * SLOTS


def test_a_model_that_fences_its_answers_is_not_held(client: redis.Redis, simulator: Simulator, work: Work) -> None:
    simulator.plan({"kind": "fenced"})
    work(40, lambda: read_totals(client).waiting == 0)
    assert (read_totals(client).triaged, simulator.calls()) == (40, 40)


def _is_held(client: redis.Redis, model: str) -> bool:
    return read_models(client, LimitsFile(), [model])[0].held_for is HoldReason.UNUSABLE


def _at_rest(client: redis.Redis) -> bool:
    return read_totals(client).running == 0
