import math

import pytest

from ops.simulator.api.errors import ApiError
from ops.simulator.metering.bucket import Bucket, Rate
from ops.simulator.metering.limit_headers import limit_headers
from ops.simulator.metering.limits import Gate, Limits, ModelLimits
from ops.simulator.metering.limits_file import parse_limits


def test_a_full_bucket_lets_its_capacity_through_and_then_refills_continuously() -> None:
    bucket = Bucket(Rate(per_minute=60), now=0.0)
    bucket.take(60, now=0.0)

    assert bucket.wait_s(1, now=0.0) == pytest.approx(1.0)
    assert bucket.wait_s(1, now=0.75) == pytest.approx(0.25)
    assert bucket.wait_s(1, now=1.0) == pytest.approx(0.0)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket = Bucket(Rate(per_minute=60, burst_s=10), now=0.0)

    assert bucket.level(now=1e6) == 10
    assert bucket.wait_s(11, now=1e6) == math.inf


def test_a_bucket_ignores_a_clock_that_runs_backwards() -> None:
    bucket = Bucket(Rate(per_minute=60), now=100.0)
    bucket.take(60, now=100.0)

    assert bucket.level(now=50.0) == 0


def test_an_empty_output_bucket_refuses_the_next_call_though_nothing_was_reserved() -> None:
    gate = Gate(ModelLimits(output_tokens_per_minute=600), now=0.0)
    gate.admit(10, now=0.0)
    gate.produced(1000, now=0.0)

    with pytest.raises(ApiError, match="output tokens") as refused:
        gate.admit(10, now=0.0)

    assert refused.value.status == 429
    assert refused.value.headers["retry-after"] == "41"


def test_a_refused_call_takes_nothing() -> None:
    gate = Gate(ModelLimits(requests_per_minute=600, input_tokens_per_minute=100), now=0.0)
    with pytest.raises(ApiError, match="input tokens"):
        gate.admit(101, now=0.0)

    assert gate.requests.level(0.0) == 600
    assert gate.input.level(0.0) == 100


def test_headers_round_tokens_to_thousands_and_tell_when_the_bucket_is_full_again() -> None:
    gate = Gate(ModelLimits(60, 600_000, 60_000), now=0.0)
    gate.admit(12_345, now=0.0)
    gate.produced(1_600, now=0.0)

    headers = limit_headers(gate, now=0.0, wall=0.0)

    assert headers["anthropic-ratelimit-requests-limit"] == "60"
    assert headers["anthropic-ratelimit-requests-remaining"] == "59"
    assert headers["anthropic-ratelimit-requests-reset"] == "1970-01-01T00:00:01Z"
    assert headers["anthropic-ratelimit-input-tokens-remaining"] == "588000"
    assert headers["anthropic-ratelimit-output-tokens-remaining"] == "58000"
    assert headers["anthropic-ratelimit-tokens-limit"] == "660000"
    assert headers["anthropic-ratelimit-tokens-remaining"] == "646000"


def test_a_limits_file_fills_what_a_model_leaves_out_from_the_default() -> None:
    limits = parse_limits({"default": {"requests_per_minute": 5}, "models": {"m": {"burst_s": 1}}})

    assert limits.of("m") == ModelLimits(requests_per_minute=5, burst_s=1)
    assert limits.of("another") == ModelLimits(requests_per_minute=5)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"modles": {}}, "modles"),
        ({"default": {"rpm": 1}}, r"default\.rpm"),
        ({"models": {"m": {"burst_s": -1}}}, r"models\.m\.burst_s"),
        ({"models": {"m": {"burst_s": True}}}, r"models\.m\.burst_s"),
        ({"models": 3}, "models"),
    ],
)
def test_a_wrong_limits_file_names_the_key(table: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_limits(table)


def test_limits_can_be_switched_off() -> None:
    assert parse_limits({"unlimited": True}) == Limits().without_limits()
