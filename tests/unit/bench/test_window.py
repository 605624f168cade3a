"""Readings, windows and shares of a quota."""

import tomllib

import pytest

from ops.bench.quota.window import Quota, Reading, Window, reading, row_of
from ops.simulator.metering.limits_file import parse_limits
from worker.limits.rules import LimitsFile

QUOTA = Quota(1500)


def test_a_reading_adds_the_models_up_and_keeps_what_is_neither_answered_nor_refused() -> None:
    stats = {"calls": {"small": {"200": 5, "429": 2, "dropped": 1}, "frontier": {"200": 1, "529": 3}}}
    assert reading(stats, 7.0) == Reading(7.0, accepted=6, refused=2, other=4)


def test_a_simulator_that_was_never_called_reads_as_nothing() -> None:
    assert reading({"calls": {}}, 1.0) == Reading(1.0, 0, 0)


def test_a_window_holds_what_happened_between_two_readings() -> None:
    window = Window.between(Reading(10.0, 100, 5, 1), Reading(70.0, 1600, 8, 1))
    assert window == Window(60.0, 1500, 3, 0)
    assert window.utilisation(QUOTA) == 1.0


def test_the_calls_of_others_are_not_ours_and_our_share_is_what_they_leave() -> None:
    window = Window(60.0, 1500, 20).without({"200": 450, "429": 15})
    assert (window.accepted, window.refused) == (1050, 5)
    assert window.utilisation(QUOTA, share=0.7) == pytest.approx(1.0)


def test_the_refused_share_is_of_all_calls() -> None:
    assert Window(60.0, 98, 1, 1).refused_share == 0.01


def test_without_any_call_nothing_was_refused() -> None:
    assert Window(60.0, 0, 0).refused_share == 0.0


def test_a_row_is_rounded_for_reading() -> None:
    row = row_of("ours", Window(60.01, 1490, 1), QUOTA, failed=0, note="alone")
    assert (row.utilisation, row.refused, row.refused_share) == (0.9932, 1, 0.0007)
    assert (row.failed, row.wasted, row.window_s, row.note) == (0, None, 60.0, "alone")


def test_workers_and_simulator_read_the_same_limits() -> None:
    ours = LimitsFile.model_validate(tomllib.loads(QUOTA.toml(for_simulator=False))).of("any")
    theirs = parse_limits(tomllib.loads(Quota(1500, burst_s=5).toml(for_simulator=True))).of("any")
    assert ours.requests_per_minute == theirs.requests_per_minute == 1500
    assert ours.input_tokens_per_minute == theirs.input_tokens_per_minute
    assert ours.output_tokens_per_minute == theirs.output_tokens_per_minute
    assert theirs.burst_s == 5
