import pytest
from pydantic import ValidationError

from fleet.verdict import DecidedBy, Verdict

GOOD = {
    "category": "billing",
    "urgency": "low",
    "needs_human": False,
    "confidence": 0.9,
    "reason": "A double charge.",
    "language": "en",
    "decided_by": "small",
    "taxonomy": "default@1",
}


def test_a_verdict_survives_being_written() -> None:
    verdict = Verdict.model_validate(GOOD)
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert (verdict.decided_by, verdict.flags) == (DecidedBy.SMALL, ())


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": -0.01},
        {"confidence": 1.01},
        {"confidence": float("nan")},
        {"reason": "a" * 501},
        {"language": "a" * 36},
        {"decided_by": "nobody"},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_a_verdict_out_of_bounds_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        Verdict.model_validate(GOOD | change)


def test_the_deciders_are_a_closed_set() -> None:
    assert list(DecidedBy) == ["prefilter", "small", "frontier", "policy", "human"]
