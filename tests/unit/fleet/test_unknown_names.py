from importlib import import_module

import pytest

from fleet.errors import ConfigurationError
from fleet.settings import ROLES, Settings, ensure_known, load_group, load_settings, variable
from producers.groups import GROUPS
from producers.imap.settings import PREFIX, ImapSettings


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TRIAGE_DAILY_BUDGT_USD", "TRIAGE_DAILY_BUDGET_USD"),
        ("TRIAGE_DAILY_BUDGET", "TRIAGE_DAILY_BUDGET_USD"),
        ("TRIAGE_REDIS_ULR", "TRIAGE_REDIS_URL"),
        ("TRIAGE_LEASE", "TRIAGE_LEASE_S"),
        ("triage_daily_budget_usd", "TRIAGE_DAILY_BUDGET_USD"),
        ("TRAIGE_DAILY_BUDGET_USD", "TRIAGE_DAILY_BUDGET_USD"),
        ("TRIAG_DAILY_BUDGET_USD", "TRIAGE_DAILY_BUDGET_USD"),
        ("TRIAGE_ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        ("TRIAGE_REDIS_URL_FIEL", "TRIAGE_REDIS_URL_FILE"),
        ("TRIAGE_IMPA_HOST", "TRIAGE_IMAP_HOST"),
    ],
)
def test_an_unknown_name_stops_the_start_and_the_nearest_known_one_is_told(name: str, meant: str) -> None:
    assert refusal(**{name: "5"}) == f"{name}: no setting has this name; did you mean {meant}?"


def test_a_name_that_is_like_no_other_is_unknown_all_the_same() -> None:
    assert refusal(TRIAGE_XYZZY="1") == "TRIAGE_XYZZY: no setting has this name; the README lists those that there are"


def test_unknown_names_and_wrong_values_are_told_together() -> None:
    lines = refusal(TRIAGE_DAILY_BUDGT_USD="5", TRIAGE_LEASE_S="x").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["TRIAGE_DAILY_BUDGT_USD", "TRIAGE_LEASE_S"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRIAGE_DAILY_BUDGT_USD", ""),
        ("TRIAGE_IMAP_HOSST", "mail"),
        ("TRIAGE_SERVICE_HOST", "10.0.0.1"),
        ("TRIAGE_SERVICE_PORT_HTTP", "80"),
        ("TRIAGE_REDIS_PORT", "tcp://10.0.0.1:6379"),
        ("TRIAGE_REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"),
        ("TRIAGE_METRICS_PORT", "tcp://10.0.0.1:9400"),
        ("DAILY_BUDGET_USD", "5"),
        ("ANTHROPIC_LOG", "debug"),
    ],
)
def test_empty_names_those_of_other_roles_and_service_links_are_no_mistakes(name: str, value: str) -> None:
    assert load_settings({name: value}) == load_settings({})


def test_a_service_link_is_not_read_as_a_port() -> None:
    environ = {"TRIAGE_IMAP_HOST": "mail", "TRIAGE_IMAP_USER": "me", "TRIAGE_IMAP_PASSWORD": "secret"}
    assert load_group(ImapSettings, PREFIX, environ | {"TRIAGE_IMAP_PORT": "tcp://10.0.0.1:993"}).port is None


def test_a_producer_refuses_what_begins_like_its_own_names() -> None:
    with pytest.raises(ConfigurationError, match=r"TRIAGE_IMAP_HOSST.* did you mean TRIAGE_IMAP_HOST\?"):
        load_group(ImapSettings, PREFIX, {"TRIAGE_IMAP_HOSST": "mail"})


def test_every_command_refuses_the_unknown_names_of_every_producer() -> None:
    for prefix in GROUPS:
        with pytest.raises(ConfigurationError, match=f"{prefix}XYZZY: no setting has this name"):
            ensure_known(GROUPS, {f"{prefix}XYZZY": "1"})


def test_the_names_that_producers_know_are_accepted() -> None:
    for prefix, load in GROUPS.items():
        ensure_known(GROUPS, {prefix + field.upper(): "x" for field in load().model_fields})


def test_the_prefixes_of_the_roles_are_those_of_the_producers() -> None:
    assert tuple(GROUPS) == tuple(f"TRIAGE_{role}_" for role in ROLES)
    assert all(prefix == import_module(load().__module__).PREFIX for prefix, load in GROUPS.items())


def test_no_setting_of_the_fleet_begins_like_a_producers() -> None:
    assert [name for name in map(variable, Settings.model_fields) if name.startswith(tuple(GROUPS))] == []
