"""The result of `triage bench limiter`: goals and table."""

from typing import Any

from ops.bench.limiter import is_met, summary, table
from ops.bench.quota.ours import Trial
from ops.bench.quota.window import Quota, Row

TRIAL = Trial(Quota(1500), processes=4, slots=32, warm_up_s=30, window_s=60)
ALONE = Row("triage-fleet", 0.991, 0, 0.0, failed=0, wasted=0)
SHARED = Row("triage-fleet, shared key", 0.97, 4, 0.004)
MISSING = Row("limits fixed window", None, None, None, note="not installed: pip install limits")


def result(*rows: Row, ratio: float = 1.4) -> dict[str, Any]:
    return summary(TRIAL, rows or (ALONE, SHARED), {"ratio": {"median": ratio}})


def test_all_goals_met_is_met() -> None:
    found = result()
    assert is_met(found)
    assert found["simulated"] is True
    assert found["goals"]["utilisation"] == {"goal": ">= 0.98", "value": 0.991, "is_met": True}


def test_one_refusal_of_the_fleet_alone_misses_its_goal() -> None:
    found = result(Row("triage-fleet", 0.991, 1, 0.001), SHARED)
    assert not is_met(found)
    assert [name for name, goal in found["goals"].items() if not goal["is_met"]] == ["refused"]


def test_a_permit_that_costs_too_much_misses_its_goal() -> None:
    assert not is_met(result(ratio=1.51))


def test_rivals_have_no_goals() -> None:
    assert is_met(result(ALONE, SHARED, Row("SDK retries alone", 1.0, 5000, 0.8, failed=1000), MISSING))


def test_the_table_shows_every_row_and_marks_a_missed_goal() -> None:
    lines = table(result(ALONE, SHARED, MISSING, ratio=2.0)).splitlines()
    assert any(line.startswith("triage-fleet  ") and "99.1%" in line for line in lines)
    assert any(line.startswith("limits fixed window") and line.endswith("pip install limits") for line in lines)
    assert [line.split()[-1] for line in lines[-5:]] == ["met", "met", "met", "met", "MISSED"]


def test_the_backlog_outlasts_the_measurement_even_with_a_full_bucket() -> None:
    assert TRIAL.backlog > TRIAL.quota.per_s * (TRIAL.warm_up_s + TRIAL.window_s + TRIAL.quota.burst_s)
