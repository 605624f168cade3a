"""The SDK's own exceptions, raised by the SDK from answers that never left this process."""

from collections.abc import Callable

import anthropic
import httpx2
import pytest

from worker.domain import CallResult, Failure
from worker.llm.failures import classify

Handler = Callable[[httpx2.Request], httpx2.Response]


def raised(handler: Handler) -> Exception:
    client = httpx2.Client(transport=httpx2.MockTransport(handler))
    with (
        anthropic.Anthropic(api_key="sk-test", max_retries=0, http_client=client) as sdk,
        pytest.raises(anthropic.APIError) as caught,
    ):
        sdk.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
    return caught.value


def answered(status: int, *, code: str | None = None, message: str = "no", **headers: str) -> Failure:
    details = {} if code is None else {"details": {"error_code": code}}
    body = {"type": "error", "error": {"type": "some_error", "message": message, **details}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify(raised(lambda _: httpx2.Response(status, json=body, headers=named)))


STATUSES = [
    (400, CallResult.BAD_REQUEST),
    (401, CallResult.UNAUTHORIZED),
    (402, CallResult.SPEND_LIMITED),
    (403, CallResult.UNAUTHORIZED),
    (404, CallResult.NOT_FOUND),
    (408, CallResult.TIMEOUT),
    (409, CallResult.SERVER_ERROR),
    (413, CallResult.BAD_REQUEST),
    (422, CallResult.BAD_REQUEST),
    (429, CallResult.RATE_LIMITED),
    (500, CallResult.SERVER_ERROR),
    (502, CallResult.SERVER_ERROR),
    (503, CallResult.SERVER_ERROR),
    (504, CallResult.TIMEOUT),
    (529, CallResult.OVERLOADED),
    (599, CallResult.SERVER_ERROR),
]


@pytest.mark.parametrize(("status", "result"), STATUSES)
def test_a_status_means_one_thing(status: int, result: CallResult) -> None:
    assert answered(status).result is result


CODES = [
    ("enforced_spend_limit_reached", CallResult.SPEND_LIMITED),
    ("contract_spend_limit_reached", CallResult.SPEND_LIMITED),
    ("ramp_limit_exceeded", CallResult.RAMP_LIMITED),
    ("a_code_of_next_year", CallResult.RATE_LIMITED),
]


@pytest.mark.parametrize(("code", "result"), CODES)
def test_a_429_is_told_apart_by_its_error_code(code: str, result: CallResult) -> None:
    assert answered(429, code=code).result is result


def test_a_400_about_the_spend_limit_is_not_the_tickets_fault() -> None:
    assert answered(400, message="You have reached your Spend Limit").result is CallResult.SPEND_LIMITED


HEADERS = [
    ({"retry_after": "7"}, 7.0),
    ({"retry_after": "7", "retry_after_ms": "250"}, 0.25),
    ({"retry_after": "0.5"}, 0.5),
    ({"retry_after": "-3"}, 0.0),
    ({"retry_after": "nan"}, 0.0),
    ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ({"retry_after": "9", "retry_after_ms": "soon"}, 9.0),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), HEADERS, ids=str)
def test_the_time_that_the_provider_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert answered(429, **headers).retry_after_s == seconds


def test_a_body_that_is_no_error_of_the_api_is_judged_by_its_status() -> None:
    error = raised(lambda _: httpx2.Response(503, text="<html>gateway</html>"))
    assert classify(error).result is CallResult.SERVER_ERROR


def test_a_time_out_of_the_sdk_and_our_own_deadline_are_the_same() -> None:
    def too_slow(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow", request=request)

    assert classify(raised(too_slow)).result is CallResult.TIMEOUT
    assert classify(TimeoutError()).result is CallResult.TIMEOUT


def test_a_connection_that_fails_is_told_apart_from_a_time_out() -> None:
    def refused(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    failure = classify(raised(refused))
    assert (failure.result, failure.retry_after_s) == (CallResult.CONNECTION, None)


def test_an_answer_that_cannot_be_read_is_named_so() -> None:
    assert classify(ValueError("no usage")).result is CallResult.UNREADABLE


def test_a_message_says_which_exception_and_is_bounded() -> None:
    failure = answered(500, message="x" * 5_000)
    assert failure.message.startswith("InternalServerError: ")
    assert len(failure.message) == 300
    assert classify(TimeoutError()).message
