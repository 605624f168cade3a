"""The account's or the gateway's trouble in the middle of the work, and worker processes that die by kill -9 in it."""

import logging
import random
from collections.abc import Callable
from functools import partial

import pytest

from fleet.ledger.reading import read_totals
from ops.demo.fleet import LocalFleet
from tests.support.books import check_books, wait_until_quiet
from tests.support.fleets import QUARANTINE, QUICK, SLOTS, running_fleet, workers
from tests.support.load import EASY, make_tickets, submit
from tests.support.simulator import Simulator
from tests.support.victims import kill_a_busy_one
from tests.support.waiting import wait_for
from worker.limits.reading import read_models
from worker.limits.rules import HOLD_TICKETS, LimitsFile

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

_log = logging.getLogger(__name__)

TICKETS, PROCESSES, LASTS_S = 80, 2, 3
KINDS = ("credit_400", "refused_400")
"""Known by its words, and known by nothing but that nobody gets through; the other kinds are tried with the real parts
of workers in tests/integration/limits/test_faults.py."""


def test_trouble_of_the_account_and_kills_in_it_park_nothing_and_lose_nothing(
    simulator_at: Callable[[float], Simulator],
) -> None:
    simulator = simulator_at(0.5)
    chance = random.Random(8)
    ids: list[str] = []
    with running_fleet((workers(PROCESSES), QUARANTINE), simulator, **QUICK) as fleet:
        for kind in KINDS:
            before = read_totals(fleet.ledger.redis).triaged
            ids += submit(fleet, make_tickets(TICKETS, kind, EASY))
            wait_for("work goes on", partial(_has_triaged, fleet, before + 5))
            simulator.plan({"kind": kind, "end_s": LASTS_S})
            kill_a_busy_one(fleet, fleet.triage_workers, chance)
            wait_for("the model is held", lambda: _held_for(fleet))
            chance.choice(fleet.triage_workers).kill()
            wait_until_quiet(fleet)
            assert _held_for(fleet) is None
        check_books(fleet, ids)
    # Counted where they were answered: a killed worker takes the record of its last call with it.
    refused = simulator.stats()["faults"]
    _log.info("refused: %s", refused)
    assert set(refused) == set(KINDS)
    assert max(refused.values()) <= HOLD_TICKETS + PROCESSES * SLOTS + LASTS_S


def _has_triaged(fleet: LocalFleet, least: int) -> bool:
    return read_totals(fleet.ledger.redis).triaged >= least


def _held_for(fleet: LocalFleet) -> object:
    models = [fleet.settings.small_model]
    return read_models(fleet.ledger.redis, LimitsFile(), models)[0].held_for
