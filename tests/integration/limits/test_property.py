"""No interleaving of calls, deaths and clock jumps exceeds a limit or a budget, and the two limiters always agree."""

from collections.abc import Iterator

import pytest
import redis
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from fleet.ledger import Ledger
from tests.support.calls_machine import BOTH_BUDGETS, DAY_BUDGET, CallsMachine
from tests.support.limits import in_memory, limiter_under_test_clock, on_server

MORE = 80


@pytest.fixture
def _stopped_clock() -> Iterator[None]:
    with limiter_under_test_clock():
        yield


def test_no_history_of_the_twin_exceeds_a_limit_or_the_days_cap() -> None:
    found = settings(max_examples=MORE, stateful_step_count=50)
    run_state_machine_as_test(lambda: CallsMachine(DAY_BUDGET, in_memory), settings=found)  # type: ignore[arg-type]


@pytest.mark.integration
@pytest.mark.usefixtures("_stopped_clock")
def test_both_limiters_give_the_same_answers_for_the_same_history(ledger: Ledger, client: redis.Redis) -> None:
    found = settings(phases=[phase for phase in Phase if phase is not Phase.explain])

    def machine() -> CallsMachine:
        return CallsMachine(BOTH_BUDGETS, in_memory, lambda limits, budget: on_server(ledger, client, limits, budget))

    run_state_machine_as_test(machine, settings=found)  # type: ignore[arg-type]
