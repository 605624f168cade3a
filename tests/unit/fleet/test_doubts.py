import pytest

from fleet.doubts import bare_addresses, doubts
from fleet.settings import load_group, load_settings
from producers.matrix.settings import PREFIX, MatrixSettings


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"ANTHROPIC_BASE_URL": "http://gateway.example:4000"}, "ANTHROPIC_BASE_URL"),
        ({"ANTHROPIC_BASE_URL": "http://localhost:8000/v1/"}, "ANTHROPIC_BASE_URL"),
        ({"TRIAGE_PAGE_URL": "http://pager.internal/v2/enqueue"}, "TRIAGE_PAGE_URL"),
        ({"TRIAGE_PAGE_ROUTING_KEY": "short"}, "TRIAGE_PAGE_ROUTING_KEY"),
        ({"TRIAGE_DRAIN_S": "5"}, "TRIAGE_DRAIN_S"),
        ({"TRIAGE_DAILY_BUDGET_USD": "5", "TRIAGE_MINUTE_BUDGET_USD": "6"}, "TRIAGE_MINUTE_BUDGET_USD"),
        ({"TRIAGE_DAILY_BUDGET_USD": "5", "TRIAGE_TICKET_BUDGET_USD": "6"}, "TRIAGE_TICKET_BUDGET_USD"),
        ({"ANTHROPIC_API_KEY": "a", "ANTHROPIC_AUTH_TOKEN": "b"}, "ANTHROPIC_AUTH_TOKEN"),
    ],
)
def test_what_is_probably_not_meant_is_named_by_its_variable(environ: dict[str, str], named: str) -> None:
    (doubt,) = doubts(load_settings(environ))
    assert doubt.startswith(f"{named}: ")


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8089"},
        {"ANTHROPIC_BASE_URL": "https://bedrock-mantle.eu.api.example/anthropic"},
        {"TRIAGE_PAGE_ROUTING_KEY": "k" * 32},
        {"TRIAGE_PAGE_ROUTING_KEY": "short", "TRIAGE_PAGE_URL": "https://pager.example/"},
    ],
)
def test_the_defaults_and_this_machine_are_beyond_doubt(environ: dict[str, str]) -> None:
    assert doubts(load_settings(environ)) == []


@pytest.mark.parametrize(("homeserver", "number"), [("http://matrix.example", 1), ("http://[::1]:8008", 0)])
def test_a_producers_plain_http_address_is_named(homeserver: str, number: int) -> None:
    environ = {PREFIX + "HOMESERVER": homeserver, PREFIX + "USER_ID": "@us:here", PREFIX + "PASSWORD": "secret"}
    found = list(bare_addresses(load_group(MatrixSettings, PREFIX, environ), PREFIX))
    assert len(found) == number
    assert all(doubt.startswith("TRIAGE_MATRIX_HOMESERVER: ") for doubt in found)
