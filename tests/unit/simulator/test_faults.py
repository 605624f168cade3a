import json
from pathlib import Path
from typing import Any

import pytest

from ops.simulator.answer.reply import Reply
from ops.simulator.answer.slots import read_slot
from ops.simulator.faults.distortions import UNHEARD_OF, distort
from ops.simulator.faults.notation import load_faults, parse_faults, parse_short
from ops.simulator.faults.plan import Fault, FaultPlan, Kind
from ops.simulator.metering.latency import Latency

VALUE = {"category": "billing", "urgency": "low"}
ROOT = read_slot(
    "", {"type": "object", "properties": {"category": {"enum": ["billing"]}, "urgency": {"enum": ["low"]}}}, {}
)
GOOD = Reply(json.dumps(VALUE))


def spoil(kind: Kind, **fields: Any) -> Reply:
    return distort(GOOD, VALUE, ROOT, Fault(kind, **fields))


def test_a_share_hits_about_that_many_calls_and_the_same_ones_for_the_same_seed() -> None:
    plans = [FaultPlan([Fault(Kind.OVERLOADED, share=0.3)], seed=7, now=0.0) for _ in range(2)]

    first, second = ([plan.pick("m", "", 1.0) is not None for _ in range(2000)] for plan in plans)

    assert first == second
    assert 0.25 < sum(first) / 2000 < 0.35


def test_a_window_opens_and_closes() -> None:
    plan = FaultPlan([Fault(Kind.OVERLOADED, start_s=10, end_s=20)], seed=0, now=100.0)

    assert [plan.pick("m", "", now) is not None for now in (109.9, 110.0, 119.9, 120.0)] == [False, True, True, False]


def test_a_fault_may_be_for_one_model_and_one_text() -> None:
    plan = FaultPlan([Fault(Kind.REFUSAL, model="m", match="twice")], seed=0, now=0.0)

    assert plan.pick("m", "charged twice", 0.0) is not None
    assert plan.pick("m", "charged once", 0.0) is None
    assert plan.pick("n", "charged twice", 0.0) is None


def test_a_fault_may_strike_a_given_number_of_times() -> None:
    plan = FaultPlan([Fault(Kind.EMPTY, times=2), Fault(Kind.SCHEMA)], seed=0, now=0.0)

    kinds = [fault.kind for _ in range(4) if (fault := plan.pick("m", "", 0.0))]

    assert kinds == [Kind.EMPTY, Kind.EMPTY, Kind.SCHEMA, Kind.SCHEMA]


def test_spoiled_replies_are_spoiled_in_the_way_they_say() -> None:
    assert json.loads(spoil(Kind.OUT_OF_TAXONOMY).text or "") == {**VALUE, "category": UNHEARD_OF}
    assert json.loads(spoil(Kind.SCHEMA).text or "") == {"urgency": "low"}
    assert spoil(Kind.EMPTY).content == []
    assert [block["type"] for block in spoil(Kind.THINKING_FIRST).content] == ["thinking", "text"]
    assert spoil(Kind.TRUNCATED).stop_reason == "max_tokens"
    for kind in (Kind.TRUNCATED, Kind.MALFORMED):
        with pytest.raises(json.JSONDecodeError):
            json.loads(spoil(kind).text or "")


@pytest.mark.parametrize(("category", "has_text"), [("general_harms", True), ("cyber", False)])
def test_a_refusal_names_its_category_and_may_come_without_words(category: str, *, has_text: bool) -> None:
    refused = spoil(Kind.REFUSAL, category=category)

    assert refused.stop_reason == "refusal"
    assert (refused.stop_details or {})["category"] == category
    assert bool(refused.content) is has_text


def test_kinds_that_do_not_touch_the_reply_leave_it() -> None:
    assert spoil(Kind.TRICKLE) is GOOD
    assert distort(GOOD, VALUE, ROOT, None) is GOOD


def test_a_fault_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[faults]]\nkind = "overloaded"\nshare = 0.5\nstart_s = 1\nend_s = 2\nmodel = "m"\nmatch = "x"\n')

    assert load_faults(path) == (Fault(Kind.OVERLOADED, 0.5, 1.0, 2.0, "m", "x"),)


def test_a_wrong_fault_file_names_file_and_field(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('[[faults]]\nkind = "overloaded"\nshare = 2\n')

    with pytest.raises(ValueError, match=r"faults\.toml: faults\.0\.share"):
        load_faults(path)


@pytest.mark.parametrize("entry", [{"kind": "meltdown"}, {"kind": "empty", "shares": 1}, {}])
def test_a_wrong_fault_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="faults"):
        parse_faults({"faults": [entry]})


def test_faults_have_a_short_form() -> None:
    assert parse_short("timeout=0.1") == Fault(Kind.TIMEOUT, 0.1)
    assert parse_short("timeout=0.1@5-9") == Fault(Kind.TIMEOUT, 0.1, 5.0, 9.0)
    assert parse_short("timeout=1@5-") == Fault(Kind.TIMEOUT, 1.0, 5.0)


@pytest.mark.parametrize("wrong", ["timeout", "timeout=", "nonsense=1", "timeout=0.1@5", "timeout=3"])
def test_a_wrong_short_form_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"expected|faults"):
        parse_short(wrong)


def test_waiting_times_have_the_stated_medians_and_scale() -> None:
    latency, scaled = Latency(1.0, seed=3), Latency(0.5, seed=3)
    times = sorted(latency.draw_s("haiku", 100) for _ in range(1001))
    halves = sorted(scaled.draw_s("haiku", 100) for _ in range(1001))

    assert times[500] == pytest.approx(0.75, rel=0.1)
    assert halves[500] == pytest.approx(times[500] / 2)
    assert Latency(0.0, seed=3).draw_s("opus", 100) == 0.0
