import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import redis

from fleet.ledger.spending import read_spending
from tests.integration.cli.conftest import Answer, Ask
from tests.support.simulator import Simulator
from worker.limits.reading import read_models
from worker.limits.rules import LimitsFile

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
    simulator.reset()
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
def api_that_answers(pages: Callable[[str], object]) -> Iterator[str]:
    """Serve what `pages` gives for a path; 404 in the shape of llama.cpp where that is None."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages(self.path)
            missing = {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}
            body = json.dumps(missing if found is None else found).encode()
            self.send_response(404 if found is None else 200)
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


def api_that_says(**values: object) -> AbstractContextManager[str]:
    """Serve an API whose every model is this one; the simulator knows none like it."""
    return api_that_answers(
        lambda path: {"type": "model", "id": path.rsplit("/", 1)[-1], "lifecycle": "active", **values}
    )


def findings(answer: Answer) -> dict[str, dict[str, str]]:
    """The findings by their ids."""
    return {line["id"]: line for line in answer.json["findings"]}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["claude-haiku-5-5", "claude-opus-5-5"], ("model.listed", "ok", 0)),
        (["qwen2.5-0.5b"], ("model.not_listed", "warning", 0)),
        (None, ("model.no_list", "warning", 0)),
    ],
)
def test_a_server_without_a_page_for_each_model_is_no_failure(
    triage: Ask, monkeypatch: pytest.MonkeyPatch, listed: list[str] | None, expected: tuple[str, str, int]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "anything")
    the_list = None if listed is None else {"object": "list", "data": [{"id": name} for name in listed]}
    with api_that_answers(lambda path: the_list if path.startswith("/v1/models?") else None) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        answer = triage("check", "--json")
    name, level, code = expected
    assert (findings(answer)[name]["level"], answer.code) == (level, code)


@pytest.mark.parametrize("how", ["variable", "file"])
def test_a_token_does_instead_of_a_key(
    triage: Ask, api: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    (tmp_path / "token").write_text("sk-simulated-token\n")
    if how == "file":
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN_FILE", str(tmp_path / "token"))
    else:
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "sk-simulated-token")
    answer = triage("check", "--json")
    assert answer.code == 0
    assert findings(answer)["key.accepted"]["message"] == f"ANTHROPIC_AUTH_TOKEN: accepted by {api.url}"


def test_one_paid_call_shows_that_the_schema_is_enforced_and_what_it_cost(
    triage: Ask, api: Simulator, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_DAILY_BUDGET_USD", "1")
    answer = triage("check", "--call", "--json")
    said = [line for line in answer.json["findings"] if line["subject"] == "call"]
    assert (answer.code, [line["id"] for line in said], api.calls()) == (0, ["call.enforced"] * 2, 2)
    assert all(
        re.search(r": answered for \$0\.\d+ in \d+\.\d s; the schema is enforced", line["message"]) for line in said
    )
    assert read_spending(client).spent_nusd > 0


@pytest.mark.parametrize("kind", ["malformed", "schema", "out_of_taxonomy", "fenced", "prose", "echo"])
def test_a_server_that_ignores_the_schema_is_named_with_what_follows(triage: Ask, api: Simulator, kind: str) -> None:
    api.plan({"kind": kind})
    answer = triage("check", "--call", "--json")
    assert answer.code == 0
    assert findings(answer)["call.not_enforced"]["level"] == "warning"
    assert "tickets that end with a person" in findings(answer)["call.not_enforced"]["message"]


def test_a_call_that_takes_half_the_deadline_is_told(
    triage: Ask, api: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.cli.health.calls.SLOW_SHARE", 0.0)
    assert "raise it" in findings(triage("check", "--call", "--json"))["call.slow"]["remedy"]
    assert api.calls() == 2


def test_a_call_that_is_refused_holds_no_model_of_the_fleet(
    triage: Ask, api: Simulator, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-of-another-account")
    answer = triage("check", "--call", "--json")
    assert (answer.code, findings(answer)["call.failed"]["level"]) == (1, "failed")
    assert not any(state.is_stopped for state in read_models(client, LimitsFile(), ["claude-haiku-5-5"]))
    assert api.calls() > 0


def test_no_call_goes_round_a_spent_budget(triage: Ask, api: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DAILY_BUDGET_USD", "0.0001")
    answer = triage("check", "--call", "--json")
    found = findings(answer)
    assert (answer.code, api.calls()) == (2, 0)
    assert found["call.not_permitted"]["remedy"] == "triage status says more"
    assert found["budget.below_a_call"]["level"] == "failed"


@pytest.mark.usefixtures("api")
def test_what_is_wrong_with_the_environment_is_told_as_findings(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DAILY_BUDGT_USD", "5")
    monkeypatch.setenv("TRIAGE_IMAP_HOSST", "mail")
    monkeypatch.setenv("TRIAGE_LEASE_S", "soon")
    answer = triage("check", "--json")
    assert (answer.code, answer.json["ok"], answer.err) == (2, False, "")
    assert [(line["id"], line["message"].partition(":")[0]) for line in answer.json["findings"]] == [
        ("settings.unknown", "TRIAGE_DAILY_BUDGT_USD"),
        ("settings.unknown", "TRIAGE_IMAP_HOSST"),
        ("settings.wrong", "TRIAGE_LEASE_S"),
    ]
    assert set(answer.json["findings"][0]) == {"id", "subject", "level", "message", "remedy"}


@pytest.mark.usefixtures("api")
def test_doubts_and_a_producer_that_would_not_start_are_warnings(triage: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_PAGE_URL", "http://pager.internal/")
    monkeypatch.setenv("TRIAGE_IMAP_HOST", "mail")
    answer = triage("check", "--json")
    assert answer.code == 0
    assert "TRIAGE_PAGE_URL" in findings(answer)["settings.doubt"]["message"]
    assert "TRIAGE_IMAP_" in findings(answer)["settings.producer"]["message"]


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
    assert answer.code == 2
    assert {found[name] for name in ("redis", "broker", "key", "taxonomy")} == {"failed"}
    assert found["prices"] == "ok"


def test_a_newer_ledger_fails(triage: Ask, client: redis.Redis) -> None:
    client.set("tf:schema", 99)
    assert levels(triage("check", "--json").json)["schema"] == "failed"
