"""What measured processes tell of their calls."""

from pathlib import Path

from ops.bench.quota.outcomes import FAILED, OK, Outcomes, count, count_files

LINES = ["1.0 ok", "2.0 failed", "3.0 ok", "4.0 ok"]


def test_outcomes_are_counted_from_the_start_up_to_the_end() -> None:
    assert count(LINES, 2.0, 4.0) == {FAILED: 1, OK: 1}
    assert count(LINES) == {OK: 3, FAILED: 1}


def test_a_line_that_a_kill_cut_off_is_left_out() -> None:
    assert count(["1.0 ok", "2.0"]) == {OK: 1}


def test_what_was_written_is_counted_over_all_files(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b", tmp_path / "never-started"]
    for file in files[:2]:
        with Outcomes(file) as outcomes:
            outcomes.add(OK)
    assert count_files(files) == {OK: 2}
