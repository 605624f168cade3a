import pytest

from worker.domain import Usage
from worker.llm.estimate import CAUTION, LEARNING, CallEstimate


def an_estimate() -> CallEstimate:
    return CallEstimate(prefix_bytes=4_000, most_output=400)


def test_the_first_call_writes_the_cache_and_those_after_it_read_it() -> None:
    estimate = an_estimate()
    found = estimate.usage(400)
    assert (found.input, found.cache_write_5m, found.cache_read, found.output) == (103, 1_000, 0, 82)
    estimate.learn(400, Usage(input=100, cache_write_5m=1_000, output=80))
    found = estimate.usage(400)
    assert (found.input, found.cache_write_5m, found.cache_read, found.output) == (103, 0, 1_000, 82)


def test_what_calls_were_like_is_learnt() -> None:
    estimate = an_estimate()
    for _ in range(4 * LEARNING):
        estimate.learn(1_000, Usage(input=300, cache_read=1_200, output=60))
    found = estimate.usage(2_000)
    assert found.cache_read == 1_200
    assert found.input == pytest.approx(600 * CAUTION, abs=1)
    assert found.output == pytest.approx(60 * CAUTION, abs=1)


def test_a_provider_without_a_cache_is_learnt_too() -> None:
    estimate = an_estimate()
    for _ in range(4 * LEARNING):
        estimate.learn(1_000, Usage(input=2_500, output=60))
    found = estimate.usage(1_000)
    assert found.cache_read == 0
    assert found.input == pytest.approx(2_500, rel=0.03)


def test_no_more_output_is_expected_than_a_call_may_have() -> None:
    estimate = an_estimate()
    estimate.learn(1_000, Usage(input=1, cache_read=1, output=9_999))
    assert estimate.usage(0).output == 400


def test_another_process_takes_over_what_was_learnt() -> None:
    first, second = an_estimate(), an_estimate()
    for _ in range(LEARNING):
        first.learn(1_000, Usage(input=300, cache_read=1_200, output=60))
    second.restore(first.as_record())
    assert second.usage(500) == first.usage(500)


@pytest.mark.parametrize("record", [{}, {"output": "x"}, {"output": -1, "prefix": 1e300}, {"per_byte": None}])
def test_what_is_no_record_is_left_alone(record: dict[str, object]) -> None:
    estimate = an_estimate()
    estimate.restore(record)
    assert estimate.usage(400) == an_estimate().usage(400)
