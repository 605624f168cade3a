"""Settings that cannot work stop the start; what goes wrong with a homeserver is said so that it helps."""

import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from nio import ErrorResponse  # type: ignore[import-untyped]

from fleet.errors import ConfigurationError
from fleet.settings import load_group
from producers.matrix.failures import HomeserverError, LoginRefusedError, RefusedError, explain, translate
from producers.matrix.settings import PREFIX, MatrixSettings
from producers.matrix.source import again_in_s

GOOD = {"HOMESERVER": "https://matrix.example.org/", "USER_ID": "@support:example.org", "ACCESS_TOKEN": "t"}


def load(**changes: str) -> MatrixSettings:
    """Load what the environment would hold."""
    return load_group(MatrixSettings, PREFIX, {PREFIX + name: value for name, value in (GOOD | changes).items()})


def test_lists_are_split_and_the_address_has_no_slash_at_its_end() -> None:
    made = load(ROOMS="!a:example.org, #help:example.org", JOIN="example.org")
    assert made.rooms == ("!a:example.org", "#help:example.org")
    assert made.join == ("example.org",)
    assert made.server == "https://matrix.example.org"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"HOMESERVER": "matrix.example.org"}, "TRIAGE_MATRIX_HOMESERVER"),
        ({"USER_ID": "support"}, "TRIAGE_MATRIX_USER_ID"),
        ({"ACCESS_TOKEN": ""}, "TRIAGE_MATRIX_ACCESS_TOKEN"),
        ({"PASSWORD": "both"}, "TRIAGE_MATRIX_PASSWORD"),
        ({"ROOMS": "help"}, "TRIAGE_MATRIX_ROOMS: help"),
        ({"JOIN": "@anna:example.org"}, "TRIAGE_MATRIX_JOIN"),
        ({"IGNORE": "bot"}, "TRIAGE_MATRIX_IGNORE"),
        ({"POLL_S": "0"}, "TRIAGE_MATRIX_POLL_S"),
    ],
)
def test_a_wrong_setting_names_itself(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load(**changes)


def test_secrets_do_not_show() -> None:
    assert "syt_secret" not in repr(load(ACCESS_TOKEN="syt_secret"))


def answered(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> HomeserverError:
    """What becomes of an error that a homeserver answers."""
    answer = ErrorResponse.from_dict(body)
    answer.transport_response = SimpleNamespace(status=status, headers=headers or {})
    return translate(answer)


def test_a_rate_limit_asks_for_its_time_in_the_body_or_the_header() -> None:
    limit = {"errcode": "M_LIMIT_EXCEEDED", "error": "slow"}
    assert answered(429, limit | {"retry_after_ms": 2500}).retry_after_s == 2.5
    assert answered(429, limit, {"Retry-After": "7"}).retry_after_s == 7
    assert answered(429, {}).retry_after_s == 5
    assert answered(429, limit | {"retry_after_ms": 10**9}).retry_after_s == 600


def test_a_lost_login_a_refusal_and_a_failure_are_told_apart() -> None:
    assert isinstance(answered(401, {"errcode": "M_UNKNOWN_TOKEN", "error": ""}), LoginRefusedError)
    refused = answered(403, {"errcode": "M_FORBIDDEN", "error": "You are not here"})
    assert isinstance(refused, RefusedError)
    assert refused.code == "M_FORBIDDEN"
    assert type(answered(502, {})) is HomeserverError


def test_what_only_a_person_can_help_with_is_tried_slowly_and_a_lost_connection_soon() -> None:
    assert again_in_s(LoginRefusedError(""), tries=0, chance=0.0) == 60
    assert again_in_s(HomeserverError(""), tries=0, chance=1.0) == 0.5
    assert again_in_s(HomeserverError("", retry_after_s=300), tries=0, chance=1.0) == 300


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "no answer in time"),
        (ssl.SSLCertVerificationError("self-signed"), "certificate"),
        (aiohttp.ServerDisconnectedError(), "the connection is lost"),
        (KeyError("what somebody wrote"), "cannot be read (KeyError)"),
    ],
)
def test_an_error_is_explained(error: Exception, said: str) -> None:
    assert said in explain(error)
    assert "somebody" not in explain(error)
