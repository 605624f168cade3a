import pytest

from tests.support.bench import Bench
from tests.support.machine import run_machine

pytestmark = pytest.mark.integration


@pytest.mark.timeout(900)
def test_no_order_of_events_breaks_the_ledger(bench: Bench) -> None:
    run_machine(bench)
