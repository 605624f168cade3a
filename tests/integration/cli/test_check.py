import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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
def test_a_retired_model_fails(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_FRONTIER_MODEL", "claude-mythos-preview")
    answer = triage("check")
    assert answer.code == 1
    assert "claude-mythos-preview is retired: choose another" in answer.out


@contextmanager
def api_that_says(**values: object) -> Iterator[str]:
    """Serve an API whose every model is this one; the simulator knows none like it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            record = {"type": "model", "id": self.path.rsplit("/", 1)[-1], "lifecycle": "active", **values}
            body = json.dumps(record).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("is_supported", "days_left", "expected"),
    [
        (False, 300, ("failed", "has no structured outputs")),
        (True, 30, ("warning", "plan its successor")),
        (True, -1, ("failed", "is retired: choose another")),
    ],
)
def test_a_model_that_will_not_do_is_told(
    triage: Ask, monkeypatch: pytest.MonkeyPatch, is_supported: bool, days_left: int, expected: tuple[str, str]
) -> None:
    level, words = expected
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-simulated")
    capabilities = {"structured_outputs": {"supported": is_supported}}
    retires_at = (datetime.now(UTC) + timedelta(days=days_left)).isoformat()
    with api_that_says(capabilities=capabilities, retires_at=retires_at) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        answer = triage("check", "--json")
    found = [line for line in answer.json["findings"] if line["subject"] == "model"]
    assert [line["level"] for line in found] == [level] * 2
    assert all(words in line["message"] for line in found)
    assert answer.code == int(level == "failed")


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
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("TRIAGE_TAXONOMY", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("TRIAGE_BROKER_URL", "redis://127.0.0.1:9/0")
    answer = triage("check", "--json")
    found = levels(answer.json)
    assert answer.code == 1
    assert {found[name] for name in ("redis", "broker", "key", "taxonomy")} == {"failed"}
    assert found["prices"] == "ok"


def test_a_newer_ledger_fails(triage: Ask, client: redis.Redis) -> None:
    client.set("tf:schema", 99)
    assert levels(triage("check", "--json").json)["schema"] == "failed"
