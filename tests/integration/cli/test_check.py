from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.integration.cli.conftest import Ask
from tests.support.simulator import Simulator

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("simulator"), 0, {"PYTHONUNBUFFERED": "1"})
    running.start()
    yield running
    running.stop()


def levels(answer_json: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {line["subject"]: line["level"] for line in answer_json["findings"]}


@pytest.fixture
def api(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-simulated")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", simulator.url)
    return simulator


@pytest.mark.usefixtures("api")
def test_a_fit_environment_ends_with_0(triage: Ask) -> None:
    answer = triage("check", "--json")
    assert (answer.code, answer.json["ok"], answer.err) == (0, True, "")
    assert set(levels(answer.json).values()) == {"ok"}
    assert {"redis", "server", "appendonly", "schema", "key", "model", "prices", "taxonomy", "sinks"} <= set(
        levels(answer.json)
    )
    out = triage("check").out
    assert out.count("structured outputs") == 2
    assert "FAIL" not in out


@pytest.mark.usefixtures("api")
def test_an_unknown_model_names_its_variable(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_SMALL_MODEL", "claude-nonsense")
    answer = triage("check")
    assert answer.code == 1
    assert "TRIAGE_SMALL_MODEL: the API does not know claude-nonsense" in answer.out


@pytest.mark.usefixtures("api")
def test_a_refused_key_is_told_without_the_key(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong-secret")
    answer = triage("check")
    assert answer.code == 1
    assert "ANTHROPIC_API_KEY: refused with status 401" in answer.out
    assert "wrong-secret" not in answer.out


@pytest.mark.usefixtures("api")
def test_an_unfit_server_fails_unless_it_is_allowed(
    triage: Ask, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert levels(triage("check", "--json").json)["maxmemory-policy"] == "failed"
        monkeypatch.setenv("TRIAGE_ALLOW_UNSAFE_REDIS", "true")
        answer = triage("check", "--json")
    finally:
        client.config_set("maxmemory-policy", "noeviction")
    assert (answer.code, levels(answer.json)["maxmemory-policy"]) == (0, "warning")


def test_everything_is_looked_at_even_where_nothing_is_set(
    triage: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TRIAGE_REDIS_URL")
    monkeypatch.setenv("TRIAGE_TAXONOMY", str(tmp_path / "none.toml"))
    monkeypatch.setenv("TRIAGE_BROKER_URL", "redis://127.0.0.1:9/0")
    answer = triage("check", "--json")
    found = levels(answer.json)
    assert answer.code == 1
    assert {found[name] for name in ("redis", "broker", "key", "taxonomy")} == {"failed"}
    assert found["prices"] == "ok"


def test_a_newer_ledger_fails(triage: Ask, client: redis.Redis) -> None:
    client.set("tf:schema", 99)
    assert levels(triage("check", "--json").json)["schema"] == "failed"
