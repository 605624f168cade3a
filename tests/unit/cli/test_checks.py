import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from fleet.errors import ConfigurationError
from fleet.lanes import Tier
from fleet.settings import Settings
from fleet.taxonomy import load_taxonomy
from ops.cli.health import calls, files, models
from ops.cli.health.finding import Level, Line, guarded, ok
from ops.cli.health.models import Catalogue
from worker.domain import Call, CallResult, Failure, Purpose, Reply

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def model(**values: Any) -> SimpleNamespace:
    capabilities = SimpleNamespace(structured_outputs=SimpleNamespace(supported=True))
    return SimpleNamespace(
        **({"id": "m", "lifecycle": "active", "retires_at": None, "capabilities": capabilities} | values)
    )


@pytest.mark.parametrize(
    ("info", "level", "words"),
    [
        (model(), Level.OK, "m: active, structured outputs"),
        (model(lifecycle="retired"), Level.FAILED, "retired"),
        (model(lifecycle="deprecated"), Level.WARNING, "deprecated"),
        (model(lifecycle="deprecated", retires_at=NOW + timedelta(days=30)), Level.WARNING, "retires on 2026-07-01"),
        (model(retires_at=NOW + timedelta(days=300)), Level.OK, "active"),
        (model(retires_at=NOW), Level.FAILED, "m is retired: choose another"),
        (model(capabilities=None), Level.WARNING, "does not say"),
        (
            model(capabilities=SimpleNamespace(structured_outputs=SimpleNamespace(supported=False))),
            Level.FAILED,
            "no st",
        ),
        (SimpleNamespace(), Level.FAILED, "is no model"),
        ("<html>", Level.FAILED, "is no model"),
    ],
)
def test_a_model_is_judged_by_what_the_api_says(info: Any, level: Level, words: str) -> None:
    line = models.judge_model(info, "m", now=NOW)
    assert line.level is level
    assert words in line.text


def test_a_missing_key_is_named() -> None:
    (line,) = guarded("key", models.check_models, Settings())
    assert (line.level, line.is_configuration) == (Level.FAILED, True)
    assert line.message.startswith("ANTHROPIC_API_KEY is not set")


def test_an_api_that_is_away_is_named() -> None:
    settings = Settings(anthropic_api_key=SecretStr("sk-x"), anthropic_base_url="http://127.0.0.1:9")
    (line,) = models.check_models(settings)
    assert line.level is Level.FAILED
    assert "http://127.0.0.1:9" in line.message
    assert "sk-x" not in line.message


def test_both_models_need_a_price() -> None:
    lines = list(files.check_prices(Settings(small_model="unheard-of")))
    assert [line.level for line in lines] == [Level.FAILED, Level.OK]
    assert "unheard-of" in lines[0].message


def test_sinks_are_known_by_name_and_a_page_without_key_is_off() -> None:
    lines = list(files.check_sinks(Settings(sinks="log,page")))
    assert [line.message for line in lines] == ["log: on", "page: off, for TRIAGE_PAGE_ROUTING_KEY is not set"]
    (line,) = guarded("sinks", files.check_sinks, Settings(sinks="log,pigeon"))
    assert line.message == "TRIAGE_SINKS: unknown sink pigeon (known: log, page)"
    (line,) = files.check_sinks(Settings(sinks="page", page_routing_key=SecretStr("k")))
    assert line.message == "page: on, to https://events.pagerduty.com/v2/enqueue"


@pytest.mark.parametrize("error", [ConfigurationError("wrong file"), ZeroDivisionError("wrong file")])
def test_a_check_that_raises_fails_and_keeps_what_it_found(error: Exception) -> None:
    def check(_: Settings) -> Iterator[Line]:
        yield ok("a", "fine")
        raise error

    lines = list(guarded("b", check, Settings()))
    assert [(line.subject, line.level) for line in lines] == [("a", Level.OK), ("b", Level.FAILED)]
    assert lines[1].is_configuration is isinstance(error, ConfigurationError)
    assert "wrong file" in lines[1].message


@pytest.mark.parametrize(
    ("catalogue", "level", "words"),
    [
        (Catalogue(("m", "n"), has_pages=False), Level.OK, "m: listed by the server"),
        (Catalogue(("n",), has_pages=True), Level.FAILED, "VARIABLE: the API does not know m: it knows n"),
        (Catalogue(("n",), has_pages=False), Level.WARNING, "triage check --call asks it for real"),
        (Catalogue((), has_pages=False), Level.WARNING, "lists nothing, and not m"),
        (Catalogue(None, has_pages=False), Level.WARNING, "triage check --call asks it for real"),
    ],
)
def test_a_model_without_a_page_is_looked_for_in_the_list(catalogue: Catalogue, level: Level, words: str) -> None:
    line = models.judge_absence(catalogue, "m", "VARIABLE")
    assert line.level is level
    assert words in line.text


def called(**changes: Any) -> Call:
    call = Call("m", Tier.SMALL, Purpose.TRIAGE, "check-1", CallResult.OK, seconds=1.25, cost_nusd=225_000)
    return replace(call, **changes)


ENFORCED = json.dumps(
    {
        "reason": "none",
        "language": "en",
        "category": "other",
        "urgency": "low",
        "needs_human": False,
        "confidence": 0.5,
    }
)


@pytest.mark.parametrize(
    ("said", "level", "name"),
    [
        (Reply(ENFORCED, "end_turn"), Level.OK, "call.enforced"),
        (Reply("It is blue.", "end_turn"), Level.WARNING, "call.not_enforced"),
        (Reply(f"```json\n{ENFORCED}\n```", "end_turn"), Level.WARNING, "call.not_enforced"),
        (Reply('{"colour": "blue"}', "end_turn"), Level.WARNING, "call.not_enforced"),
        (Reply('{"reason": "', "max_tokens"), Level.WARNING, "call.cut"),
        (Reply("", "refusal"), Level.WARNING, "call.refusal"),
        (Failure(CallResult.TIMEOUT, "no answer in 45 s"), Level.FAILED, "call.failed"),
        (Failure(CallResult.BAD_REQUEST, "output_config: not supported"), Level.FAILED, "call.failed"),
    ],
)
def test_a_call_shows_whether_the_schema_is_enforced(said: Reply | Failure, level: Level, name: str) -> None:
    line = calls.judge(called(), said, load_taxonomy())
    assert (line.id, line.level) == (name, level)
    if isinstance(said, Reply):
        assert line.message.startswith("m: answered for $0.000225 in 1.2 s")


def test_a_time_out_says_what_to_raise() -> None:
    said = Failure(CallResult.TIMEOUT, "no answer")
    assert calls.judge(called(), said, load_taxonomy()).remedy == "raise TRIAGE_CALL_TIMEOUT_S"


def test_a_cap_that_allows_no_call_is_wrong() -> None:
    (line,) = files.check_budgets(Settings(ticket_budget_usd=Decimal("0.0001")))
    assert line.is_configuration
    assert line.message.startswith("TRIAGE_TICKET_BUDGET_USD: $0.0001 is below ")
    assert list(files.check_budgets(Settings(ticket_budget_usd=Decimal("0.01"), daily_budget_usd=Decimal(5)))) == []
