"""The SDK's own exceptions, raised by the SDK from answers that never left this process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import anthropic
import httpx2
import pytest

from worker.domain import CallResult, Failure
from worker.llm.failures import classify, error_under_200
from worker.llm.refusals import meaning, wait_s

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


MEANINGS = [
    (400, "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.", "spend_limited"),
    (400, "You have reached your specified API usage limits. You will regain access on 2027-01-01.", "spend_limited"),
    (403, "Monthly usage limit exceeded for this workspace", "spend_limited"),
    (429, "Number of requests has exceeded your rate limit", "rate_limited"),
    (400, "This organization has been disabled.", "disabled"),
    (400, "Account suspended, contact sales", "disabled"),
    (400, "anthropic-version: 2099-01-01 is not a valid version", "not_found"),
    (400, "output_config.format: Extra inputs are not permitted", "format_refused"),
    (422, "response_format of type json_schema is not supported here", "format_refused"),
    (400, "Overloaded", "overloaded"),
    (400, "The model claude-haiku-5-5 is not available in this region", "not_found"),
    (400, "Invocation with on-demand throughput isn't supported", "not_found"),
    (403, "Invalid API key provided", "unauthorized"),
    (302, "Found", "misdirected"),
    (307, "", "misdirected"),
    (400, "messages.0.content: at least one message is required", "bad_request"),
    (413, "prompt is too long: 212345 tokens > 200000 maximum", "bad_request"),
    (400, f"invalid text: '{'my credit balance is gone, says the shop, ' * 2}'", "bad_request"),
]


@pytest.mark.parametrize(("status", "message", "result"), MEANINGS)
def test_words_about_account_and_gateway_are_understood(status: int, message: str, result: str) -> None:
    assert answered(status, message=message).result.value == result


NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DATES = [
    ("You will regain access on 2026-11-26 at 00:00 UTC.", 12 * 3600),
    ("You will regain access on 2026-11-25T18:00:00Z.", 6 * 3600),
    ("you will regain access on 2026-11-25 14:00 +02:00", None),  # that is now: nothing to wait for
    ("You will regain access on December 1, 2026 at 12:00 PM UTC", 6 * 86_400),
    ("Your limit resets on Nov 26, 3:30 am", 15.5 * 3600),
    ("available again on 1 December 2026", 5.5 * 86_400),
    ("Please try again at 2026-11-26", 12 * 3600),
    ("regain access on January 3", 38.5 * 86_400),
    ("regain access on 2099-01-01", None),
    ("regain access on 2026-13-45", None),
    ("regain access on 2020-01-01", None),
    ("order of 2026-11-26 was refused", None),
    ("until further notice", None),
]


@pytest.mark.parametrize(("words", "seconds"), DATES)
def test_a_date_in_the_words_is_a_time_to_wait_for(words: str, seconds: float | None) -> None:
    assert wait_s(words, {}, NOW) == seconds


def test_an_error_under_status_200_means_what_its_type_says() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert classify(error_under_200(body, {"retry-after": "7"})) == Failure(
        CallResult.OVERLOADED, "NotTheApiError: Overloaded", 7.0
    )
    assert error_under_200({"type": "error"}, {}).result is CallResult.BAD_REQUEST
    assert error_under_200({"error": {"message": "credit balance too low"}}, {}).result is CallResult.SPEND_LIMITED


@pytest.mark.parametrize("piece", ["model ", "organization ", "you have exceeded your ", "regain access ", "version "])
def test_reading_a_refusal_takes_no_longer_than_its_length(piece: str) -> None:
    words = piece * 20_000
    started = time.perf_counter()
    assert wait_s(words, {}, NOW) is None
    meaning(words)
    assert time.perf_counter() - started < 0.5


HEADERS = [
    ({"retry_after": "7"}, 7.0),
    ({"retry_after": "7", "retry_after_ms": "250"}, 0.25),
    ({"retry_after": "0.5"}, 0.5),
    ({"retry_after": "-3"}, 0.0),
    ({"retry_after": "nan"}, None),
    ({"retry_after": "inf"}, None),
    ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ({"retry_after": "Wed, 21 Oct 2099 07:28:00 GMT"}, None),
    ({"retry_after": "Wed, 99 Oct"}, None),
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
