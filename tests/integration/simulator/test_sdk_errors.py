"""Every error of the simulator, as the real SDK sees it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anthropic
import pytest
from anthropic.types.shared.contract_spend_limit_reached_error import ContractSpendLimitReachedError
from anthropic.types.shared.enforced_spend_limit_reached_error import EnforcedSpendLimitReachedError
from anthropic.types.shared.ramp_limit_exceeded_error import RampLimitExceededError

from ops.simulator.faults.plan import Fault, Kind
from ops.simulator.metering.limits import Limits, ModelLimits

Benches = Callable[..., AbstractAsyncContextManager[Any]]


async def failure(benches: Benches, *faults: Fault, config: dict[str, Any] | None = None, **call: Any) -> Any:
    async with benches(*faults, **(config or {})) as bench:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await bench.triage(**call)
        stats = await bench.stats()
        assert stats["bill_nano_dollars"] == {}, "an error is not billed"
        assert stats["in_flight"] == 0
        return caught.value


@pytest.mark.parametrize(
    ("fault", "kind", "type_", "code"),
    [
        (Fault(Kind.RATE_LIMIT), anthropic.RateLimitError, "rate_limit_error", None),
        (Fault(Kind.RAMP_LIMIT), RampLimitExceededError, "rate_limit_error", "ramp_limit_exceeded"),
        (Fault(Kind.SPEND_LIMIT), EnforcedSpendLimitReachedError, "rate_limit_error", "enforced_spend_limit_reached"),
        (
            Fault(Kind.SPEND_LIMIT, error_code="contract_spend_limit_reached"),
            ContractSpendLimitReachedError,
            "rate_limit_error",
            "contract_spend_limit_reached",
        ),
        (Fault(Kind.ERROR_500), anthropic.InternalServerError, "api_error", None),
        (Fault(Kind.OVERLOADED), anthropic.OverloadedError, "overloaded_error", None),
        (Fault(Kind.UNAUTHORIZED), anthropic.AuthenticationError, "authentication_error", None),
    ],
)
def test_a_planned_error_is_the_sdks_own_class(
    benches: Benches, fault: Fault, kind: type[anthropic.APIStatusError], type_: str, code: str | None
) -> None:
    error = asyncio.run(failure(benches, fault))

    assert type(error) is kind
    assert (error.type, error.error_code) == (type_, code)
    assert isinstance(error.body, dict)
    assert error.request_id == error.body["request_id"]
    assert error.response.headers["x-simulator"] == "triage-fleet"


def test_a_rate_limit_says_when_to_come_back(benches: Benches) -> None:
    error = asyncio.run(failure(benches, Fault(Kind.RATE_LIMIT, retry_after_s=7)))

    assert error.response.headers["retry-after"] == "7"
    assert error.response.headers["anthropic-ratelimit-requests-limit"] == "4000"


@pytest.mark.parametrize(
    ("call", "kind", "complaint"),
    [
        ({"model": "claude-nobody"}, anthropic.NotFoundError, "claude-nobody"),
        ({"extra_body": {"temperature": 0}}, anthropic.BadRequestError, "temperature"),
        ({"max_tokens": -1}, anthropic.BadRequestError, "max_tokens"),
        ({"system": "x" * 900_000}, anthropic.BadRequestError, "prompt is too long"),
    ],
)
def test_a_wrong_request_is_refused_in_the_sdks_own_class(
    benches: Benches, call: dict[str, Any], kind: type[Exception], complaint: str
) -> None:
    error = asyncio.run(failure(benches, **call))

    assert type(error) is kind
    assert complaint in str(error)


def test_a_wrong_key_is_refused(benches: Benches) -> None:
    error = asyncio.run(failure(benches, config={"api_keys": frozenset({"sk-other"})}))

    assert type(error) is anthropic.AuthenticationError


def test_a_limit_refuses_the_call_above_it_with_its_headers(benches: Benches) -> None:
    async def two_calls() -> anthropic.RateLimitError:
        limits = Limits(ModelLimits(requests_per_minute=1))
        async with benches(limits=limits) as bench:
            await bench.triage()
            with pytest.raises(anthropic.RateLimitError) as caught:
                await bench.triage()
            await bench.triage(model="claude-opus-5-5")  # another model has buckets of its own
            return caught.value

    error = asyncio.run(two_calls())

    assert error.error_code is None
    assert 55 <= int(error.response.headers["retry-after"]) <= 60
    assert error.response.headers["anthropic-ratelimit-requests-remaining"] == "0"


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.TRICKLE])
def test_a_hung_or_trickled_call_ends_with_the_clients_patience_and_is_not_billed(benches: Benches, kind: Kind) -> None:
    async def impatient() -> dict[str, Any]:
        async with benches(Fault(kind)) as bench:
            with pytest.raises(anthropic.APITimeoutError):
                async with asyncio.timeout(5):
                    await bench.triage(timeout=0.3)
            found: dict[str, Any] = await bench.settled(in_flight=0)
            return found

    stats = asyncio.run(impatient())

    assert stats["calls"] == {"claude-haiku-5-5": {"dropped": 1}}
    assert stats["bill_nano_dollars"] == {}
    assert stats["faults"] == {kind.value: 1}
