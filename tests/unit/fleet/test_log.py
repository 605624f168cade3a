import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fleet.log import configure_logging
from fleet.settings import load_settings

SECRET = "redis://:hunter2@example"  # what a frame's local variables may hold


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def fail() -> None:
    redis_url, ticket_text = SECRET, "my card number is 4111"
    if redis_url and ticket_text:
        raise ValueError("boom")


def log_both(log_format: str) -> None:
    configure_logging(load_settings({"TRIAGE_LOG_FORMAT": log_format}))
    try:
        fail()
    except ValueError:
        logging.getLogger("library").critical("it failed", exc_info=True)
        structlog.get_logger("ours").exception("it_failed")


def test_json_lines_hold_the_traceback_of_libraries_and_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    log_both("json")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["it failed", "it_failed"]
    for line in lines:
        assert "Traceback (most recent call last)" in line["exception"]
        assert "in fail" in line["exception"]
        assert "exc_info" not in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_local_variable_is_ever_written(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    log_both(log_format)
    written = capsys.readouterr().err
    assert written.count("ValueError: boom") == 2
    assert "hunter2" not in written
    assert "4111" not in written
