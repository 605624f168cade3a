import json
from typing import Any

import pytest

from ops.simulator.api.credentials import check_key, check_version
from ops.simulator.api.errors import ApiError
from ops.simulator.api.request import CountRequest, MessageRequest
from ops.simulator.api.validation import check, parse

GOOD: dict[str, Any] = {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
USER, ASSISTANT = {"role": "user", "content": "hi"}, {"role": "assistant", "content": "no"}


def accept(**changes: Any) -> MessageRequest:
    request = parse(json.dumps({**GOOD, **changes}).encode(), MessageRequest)
    check(request)
    return request


def test_a_repair_conversation_is_accepted() -> None:
    assert len(accept(messages=[USER, ASSISTANT, USER]).messages) == 3


def test_consecutive_turns_of_one_role_are_accepted_as_the_api_joins_them() -> None:
    accept(messages=[USER, USER])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"temperature": 0}, "temperature: Extra inputs are not permitted"),
        ({"top_p": 1}, "top_p"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": "10"}, "max_tokens"),
        ({"max_tokens": 64_001}, "64001 > 64000"),
        ({"messages": []}, "messages"),
        ({"messages": [ASSISTANT]}, "first message must use the user role"),
        ({"messages": [USER, ASSISTANT]}, "prefill"),
        ({"messages": [{"role": "tool", "content": "x"}]}, r"messages\.0\.role"),
        ({"messages": [{"role": "user", "content": ""}]}, r"messages\.0"),
        ({"messages": [{"role": "user", "content": []}]}, r"messages\.0"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, r"messages\.0\.content\.0\.text"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, r"messages\.0\.content\.0: .*'video'"),
        ({"system": [{"type": "text", "text": "s", "cache_control": {"type": "eternal"}}]}, "cache_control"),
        ({"output_config": {"effort": "enormous"}}, "effort"),
        ({"output_config": {"format": {"type": "xml", "schema": {}}}}, "format"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "budget_tokens"),
        ({"stream": True}, "stream"),
        ({"tools": [{"name": "t"}]}, "tools"),
        ({"model": "claude-opus-5-5", "thinking": {"type": "disabled"}}, "disabled"),
    ],
)
def test_what_the_api_refuses_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint) as refused:
        accept(**changes)

    assert refused.value.status == 400


@pytest.mark.parametrize("model", ["claude-haiku-9", "claude-mythos-preview"])
def test_unknown_and_retired_models_are_not_found(model: str) -> None:
    with pytest.raises(ApiError, match=model) as refused:
        accept(model=model)

    assert refused.value.status == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError) as refused:
        parse(body, MessageRequest)

    assert refused.value.status == 400


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ApiError, match="max_tokens: Field required"):
        parse(json.dumps({key: value for key, value in GOOD.items() if key != "max_tokens"}).encode(), MessageRequest)


def test_a_token_count_takes_no_max_tokens() -> None:
    with pytest.raises(ApiError, match="max_tokens"):
        parse(json.dumps(GOOD).encode(), CountRequest)


@pytest.mark.parametrize("headers", [{"x-api-key": "sk-1"}, {"authorization": "Bearer sk-1"}])
def test_a_key_may_come_in_either_header(headers: dict[str, str]) -> None:
    check_key(headers, frozenset())
    check_key(headers, frozenset({"sk-1"}))
    with pytest.raises(ApiError, match="invalid"):
        check_key(headers, frozenset({"sk-2"}))


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"authorization": "Basic sk-1"}, {"x-api-key": "key"}])
def test_without_a_good_key_nobody_gets_in(headers: dict[str, str]) -> None:
    with pytest.raises(ApiError) as refused:
        check_key(headers, frozenset())

    assert refused.value.status == 401


@pytest.mark.parametrize("headers", [{}, {"anthropic-version": "2019-01-01"}])
def test_the_version_header_must_name_a_known_version(headers: dict[str, str]) -> None:
    with pytest.raises(ApiError, match="anthropic-version"):
        check_version(headers)


def test_the_error_body_has_the_apis_shape() -> None:
    plain = json.loads(ApiError(529, "Overloaded").body("req_1"))
    coded = json.loads(ApiError(429, "no", error_code="ramp_limit_exceeded").body("req_2"))

    assert plain == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": "req_1",
    }
    assert coded["error"]["details"] == {"error_code": "ramp_limit_exceeded"}
