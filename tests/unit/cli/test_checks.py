from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from fleet.errors import ConfigurationError
from fleet.settings import Settings
from ops.cli.health import files, models
from ops.cli.health.finding import Level, Line, guarded, ok

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
    assert words in line.message


def test_a_missing_key_is_named() -> None:
    (line,) = models.check_models(Settings())
    assert line.level is Level.FAILED
    assert "ANTHROPIC_API_KEY" in line.message


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
    lines = list(files.check_sinks(Settings(sinks="log,page,pigeon")))
    assert [line.level for line in lines] == [Level.OK, Level.OK, Level.FAILED]
    assert "off" in lines[1].message
    (line,) = files.check_sinks(Settings(sinks="page", page_routing_key=SecretStr("k")))
    assert "on, to https://" in line.message


@pytest.mark.parametrize("error", [ConfigurationError("wrong file"), ZeroDivisionError("wrong file")])
def test_a_check_that_raises_fails_and_keeps_what_it_found(error: Exception) -> None:
    def check(_: Settings) -> Iterator[Line]:
        yield ok("a", "fine")
        raise error

    lines = list(guarded("b", check, Settings()))
    assert [(line.subject, line.level) for line in lines] == [("a", Level.OK), ("b", Level.FAILED)]
    assert "wrong file" in lines[1].message
