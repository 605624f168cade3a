import json

import pytest

from ops.bench import command
from ops.bench.accept import bulk
from ops.bench.accept.bulk import Sample
from ops.bench.accept.command import all_met, table
from ops.cli.main import main


def result(*per_s: float) -> dict[str, object]:
    return bulk._result([Sample(ours, 20.0, 10.0) for ours in per_s], [Sample(100.0, 5.0, 5.0)] * len(per_s), 240.4)


def test_the_median_of_the_pairs_decides() -> None:
    found = result(29.0, 31.0, 45.0)
    assert found["ratio"] == {"median": 0.31, "min": 0.29, "max": 0.45}
    assert found["is_met"] is True
    assert result(29.0, 29.9, 45.0)["is_met"] is False


def test_one_goal_that_is_missed_is_enough() -> None:
    results = {"bulk": result(31.0), "http": result(29.0)}
    assert not all_met(results)
    assert [line.rpartition(" ")[2] for line in table(results).splitlines()] == ["met", "missed"]


def test_a_small_run_measures_both_sides(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bulk, "TICKETS", 300)
    code = main(["bench", "accept", "--part", "bulk", "--pairs", "1", "--json"])
    found = json.loads(capsys.readouterr().out)["bulk"]
    assert code == (0 if found["is_met"] else 1)
    assert found["tickets"] == 300
    assert found["submit"]["per_s"] > 0
    assert "accept" in command.BENCHES
