from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from fleet.errors import ConfigurationError
from fleet.setting_types import is_secret
from fleet.settings import Settings, load_group, load_settings, variable
from producers.imap.settings import ImapSettings

SECRET = "sk-ant-secret"


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ)
    return str(caught.value)


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    settings = load_settings({})
    assert (settings.small_model, settings.frontier_model) == ("claude-haiku-5-5", "claude-opus-5-5")
    assert (settings.redis_url, settings.daily_budget_usd, settings.anthropic_api_key) == (None, None, None)
    assert settings.sink_names == ("log", "page")
    assert not settings.allow_unsafe_redis


def test_the_tests_see_no_setting_of_this_machine() -> None:
    assert load_settings() == load_settings({})


def test_variables_are_read_by_their_documented_names() -> None:
    settings = load_settings(
        {
            "TRIAGE_REDIS_URL": "redis://localhost:6379/0",
            "TRIAGE_DAILY_BUDGET_USD": "12.50",
            "TRIAGE_METRICS_PORT": "9100",
            "TRIAGE_ALLOW_UNSAFE_REDIS": "true",
            "TRIAGE_TAXONOMY": __file__,
            "TRIAGE_SINKS": " log, ,webhook ",
            "ANTHROPIC_API_KEY": SECRET,
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
            "SENTRY_DSN": "https://x@sentry.example/1",
            "UNRELATED": "1",
        }
    )
    assert settings.ledger_url == settings.hints_url == "redis://localhost:6379/0"
    assert settings.daily_budget_usd == Decimal("12.50")
    assert (settings.metrics_port, settings.allow_unsafe_redis) == (9100, True)
    assert settings.taxonomy == Path(__file__)
    assert settings.sink_names == ("log", "webhook")
    assert settings.anthropic_api_key is not None
    assert settings.anthropic_api_key.get_secret_value() == SECRET


def test_own_addresses_stand_between_commas_in_small_letters() -> None:
    found = load_settings({"TRIAGE_OWN_ADDRESSES": "Support@Acme.example, help@acme.example"})
    assert found.own_addresses == {"support@acme.example", "help@acme.example"}


@pytest.mark.parametrize("text", ["acme.example", "Help <help@acme.example>", "a@b@c.example"])
def test_what_is_no_mail_address_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match="TRIAGE_OWN_ADDRESSES"):
        load_settings({"TRIAGE_OWN_ADDRESSES": text})


def test_secrets_are_not_shown() -> None:
    assert SECRET not in repr(load_settings({"ANTHROPIC_API_KEY": SECRET}))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings({}).small_model = "other"  # type: ignore[misc]


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({"TRIAGE_METRICS_PORT": "", "TRIAGE_REDIS_URL": ""}) == load_settings({})


def test_an_argument_goes_before_the_environment() -> None:
    assert load_settings({"TRIAGE_METRICS_PORT": "1"}, metrics_port=2).metrics_port == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRIAGE_REDIS_URL", "localhost:6379"),
        ("TRIAGE_REDIS_URL", "http://localhost"),
        ("TRIAGE_CALL_TIMEOUT_S", "0"),
        ("TRIAGE_CALL_TIMEOUT_S", "fast"),
        ("TRIAGE_LEASE_S", "-1"),
        ("TRIAGE_LEASE_S", "0.001"),
        ("TRIAGE_CALL_TIMEOUT_S", "3600"),
        ("TRIAGE_DRAIN_S", "1e9"),
        ("TRIAGE_RETENTION_DAYS", "1e9"),
        ("TRIAGE_DAILY_BUDGET_USD", "1e9"),
        ("TRIAGE_DAILY_BUDGET_USD", "5 dollars"),
        ("TRIAGE_SMALL_MODEL", "claude haiku"),
        ("TRIAGE_REDIS_URL", "redis://h/zz"),
        ("TRIAGE_REDIS_URL", "redis://h/0?foo=1"),
        ("TRIAGE_BROKER_URL", "rabbit"),
        ("TRIAGE_PAGE_URL", "https://"),
        ("TRIAGE_PAGE_URL", "https://user:password@host/"),
        ("ANTHROPIC_BASE_URL", "http://h:99999"),
        ("SENTRY_DSN", "notadsn"),
        ("SENTRY_DSN", "https://sentry.example/1"),
        ("SENTRY_DSN", "https://key@sentry.example/"),
        ("TRIAGE_LEASE_S", "inf"),
        ("TRIAGE_MAX_AGE_H", "inf"),
        ("TRIAGE_MAX_AGE_H", "nan"),
        ("TRIAGE_MAX_ATTEMPTS", "0"),
        ("TRIAGE_MAX_BACKLOG", "1.5"),
        ("TRIAGE_MAX_OUTPUT_TOKENS", "49"),
        ("TRIAGE_DAILY_BUDGET_USD", "0"),
        ("TRIAGE_DAILY_BUDGET_USD", "NaN"),
        ("TRIAGE_METRICS_PORT", "65536"),
        ("TRIAGE_ALLOW_UNSAFE_REDIS", "maybe"),
        ("TRIAGE_LOG_LEVEL", "loud"),
        ("TRIAGE_LOG_FORMAT", "xml"),
        ("TRIAGE_PAGE_URL", "ftp://x"),
        ("ANTHROPIC_BASE_URL", "api.anthropic.com"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    message = refusal(**{name: value})
    assert message.startswith(f"{name}: ")
    assert "\n" not in message


def test_every_wrong_value_is_named_on_a_line_of_its_own() -> None:
    message = refusal(TRIAGE_LEASE_S="x", TRIAGE_METRICS_PORT="y")
    assert [line.split(":")[0] for line in message.splitlines()] == ["TRIAGE_LEASE_S", "TRIAGE_METRICS_PORT"]


def test_a_password_in_a_wrong_url_is_not_repeated() -> None:
    assert "hunter2" not in refusal(TRIAGE_REDIS_URL="http://:hunter2@cache:6379")


def test_every_variable_has_a_documented_prefix() -> None:
    names = {field: variable(field) for field in Settings.model_fields}
    assert names.pop("anthropic_api_key") == "ANTHROPIC_API_KEY"
    assert names.pop("anthropic_auth_token") == "ANTHROPIC_AUTH_TOKEN"
    assert names.pop("anthropic_base_url") == "ANTHROPIC_BASE_URL"
    assert names.pop("sentry_dsn") == "SENTRY_DSN"
    assert all(name.startswith("TRIAGE_") for name in names.values())


GOOD_SECRETS = {
    "redis_url": "redis://:hunter22@cache:6379/0",
    "broker_url": "amqp://guest:hunter22@queue//",
    "sentry_dsn": "https://hunter22@sentry.example/1",
}


@pytest.mark.parametrize("field", [name for name, info in Settings.model_fields.items() if is_secret(info.annotation)])
def test_every_secret_may_stand_in_a_file(tmp_path: Path, field: str) -> None:
    value, path = GOOD_SECRETS.get(field, "hunter22"), tmp_path / "secret"
    path.write_text(f"{value}\n", "utf-8-sig")
    name = variable(field)
    found = load_settings({f"{name}_FILE": str(path)})
    assert found == load_settings({name: value})
    assert getattr(found, field).get_secret_value() == value
    assert "hunter22" not in repr(found)


def test_a_setting_that_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.write_text("9100", "utf-8")
    assert "TRIAGE_METRICS_PORT is no secret" in refusal(TRIAGE_METRICS_PORT_FILE=str(path))


def test_a_secret_in_both_places_is_refused(tmp_path: Path) -> None:
    message = refusal(ANTHROPIC_API_KEY=SECRET, ANTHROPIC_API_KEY_FILE=str(tmp_path / "key"))
    assert message == "ANTHROPIC_API_KEY and ANTHROPIC_API_KEY_FILE are both set: keep one"


def test_an_empty_variable_beside_a_file_is_no_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(SECRET, "utf-8")
    assert load_settings({"ANTHROPIC_API_KEY": "", "ANTHROPIC_API_KEY_FILE": str(path)}).anthropic_api_key is not None


def test_a_secrets_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refusal(SENTRY_DSN_FILE=str(tmp_path / "no")).startswith("SENTRY_DSN_FILE: cannot read ")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    message = refusal(SENTRY_DSN_FILE=str(tmp_path / "binary"))
    assert message.startswith("SENTRY_DSN_FILE: cannot read ")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("sk-one\nsk-two", "a line break"),
        ("sk-one # prod", "a space"),
        ("sk-one\u2026", "a letter that no key has"),
        ("'sk-one'", "stands in quotes"),
        ('"sk-one"', "stands in quotes"),
    ],
)
def test_a_key_that_no_header_could_carry_is_refused_without_being_said(key: str, said: str) -> None:
    message = refusal(ANTHROPIC_API_KEY=key)
    assert message.startswith("ANTHROPIC_API_KEY: ")
    assert said in message
    assert "sk-" not in message


def test_a_password_may_hold_spaces_and_any_letter_and_is_one_line() -> None:
    environ = {"TRIAGE_IMAP_HOST": "mail", "TRIAGE_IMAP_USER": "me"}
    found = load_group(ImapSettings, "TRIAGE_IMAP_", environ | {"TRIAGE_IMAP_PASSWORD": "pässword of 3 words"})
    assert found.password is not None
    with pytest.raises(ConfigurationError, match="TRIAGE_IMAP_PASSWORD: holds a line break"):
        load_group(ImapSettings, "TRIAGE_IMAP_", environ | {"TRIAGE_IMAP_PASSWORD": "a\r\nA1 LOGOUT"})


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), (" \n", "is empty"), ("x" * 70_000, "is too large")])
def test_a_secrets_file_without_a_secret_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    assert said in refusal(ANTHROPIC_API_KEY_FILE=str(path))


@pytest.mark.parametrize("name", ["TRIAGE_TAXONOMY", "TRIAGE_LIMITS", "TRIAGE_PRICES"])
def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, name: str) -> None:
    assert (
        refusal(**{name: str(tmp_path / "none")}) == f"{name}: cannot read {tmp_path}/none: No such file or directory"
    )
    assert refusal(**{name: str(tmp_path)}) == f"{name}: cannot read {tmp_path}: Is a directory"


def test_what_does_not_fit_together_is_named_without_a_place() -> None:
    assert refusal(TRIAGE_LEASE_S="2", TRIAGE_REAP_EVERY_S="3").startswith(
        "TRIAGE_REAP_EVERY_S is above TRIAGE_LEASE_S"
    )


def test_a_missing_redis_url_says_what_to_set_and_what_works_without() -> None:
    with pytest.raises(ConfigurationError) as caught:
        _ = load_settings({}).ledger_url
    message = str(caught.value)
    assert message.startswith("TRIAGE_REDIS_URL is not set")
    assert "redis://localhost:6379/0" in message
    assert "triage demo" in message
    with pytest.raises(ConfigurationError, match="TRIAGE_REDIS_URL is not set"):
        _ = load_settings({}).hints_url


def test_hints_may_travel_on_a_broker_of_their_own() -> None:
    settings = load_settings({"TRIAGE_REDIS_URL": "redis://a", "TRIAGE_BROKER_URL": "amqp://b"})
    assert (settings.ledger_url, settings.hints_url) == ("redis://a", "amqp://b")


def test_a_socket_file_is_named_to_celery_in_its_own_way() -> None:
    settings = load_settings({"TRIAGE_REDIS_URL": "unix:///run/redis.sock?db=2"})
    assert settings.ledger_url == "unix:///run/redis.sock?db=2"
    assert settings.hints_url == "redis+socket:///run/redis.sock?virtual_host=2"


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = 993
    password: SecretStr | None = None


def test_a_roles_own_settings_have_its_prefix() -> None:
    group = load_group(Group, "TRIAGE_IMAP_", {"TRIAGE_IMAP_HOST": "mail", "TRIAGE_IMAP_PORT": "143"})
    assert (group.host, group.port, group.password) == ("mail", 143, None)


def test_a_secret_of_a_role_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    environ = {"TRIAGE_IMAP_HOST": "mail", "TRIAGE_IMAP_PASSWORD_FILE": str(path)}
    password = load_group(Group, "TRIAGE_IMAP_", environ).password
    assert password is not None
    assert password.get_secret_value() == SECRET


def test_wrong_and_missing_settings_of_a_role_are_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_group(Group, "TRIAGE_IMAP_", {"TRIAGE_IMAP_PORT": "many"})
    message = str(caught.value)
    assert "TRIAGE_IMAP_HOST: is not set, and is needed" in message
    assert "TRIAGE_IMAP_PORT: " in message
    assert "many" not in message
