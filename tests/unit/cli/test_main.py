import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from fleet.errors import ConfigurationError, FleetError, LedgerUnavailableError
from ops.cli import main as cli
from ops.cli import registry, status
from ops.cli.intake.source_help import meaning
from ops.cli.intake.submission import MOST_IDS
from ops.cli.registry import COMMANDS
from producers.groups import GROUPS
from producers.registry import SOURCES

NOT_THERE = "is not installed: pip install"

HEAVY = ("celery", "anthropic", "rich", "aiohttp", "redis", "pydantic", "prometheus_client")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from ops.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(command.name in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main([command, "--help"])
    assert exit_info.value.code == 0
    assert f"usage: triage {command}" in capsys.readouterr().out


def test_the_help_of_the_hint_size_says_how_many_share_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["submit", "--help"])
    assert f"up to {MOST_IDS} for many" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "words",
    [["nonsense"], ["show"], ["dead"], ["submit"], ["status", "--json", "--watch"], ["simulator", "--port", "99999"]],
)
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(words)
    assert exit_info.value.code == 2
    assert "usage: triage" in capsys.readouterr().err


@pytest.mark.parametrize("source", SOURCES)
def test_the_help_of_a_source_lists_its_settings(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["ingest", source, "--help"])
    assert exit_info.value.code == 0
    page = capsys.readouterr().out
    words = " ".join(page.split())
    for prefix in SOURCES[source].prefixes:
        for name, info in GROUPS[prefix]().model_fields.items():
            assert f"{prefix}{name.upper()} (" in words
            assert meaning(info)
            assert meaning(info) in words


@pytest.mark.parametrize(
    ("source", "missing", "extra"),
    [
        ("imap", "imapclient", "mail"),
        ("http", "starlette", "http"),
        ("webhooks", "starlette", "webhooks"),
        ("slack", "starlette", "slack"),
        ("matrix", "nio", "matrix"),
    ],
)
def test_a_source_without_its_extra_says_what_to_install(
    source: str, missing: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setattr("producers.registry.import_module", raising(ModuleNotFoundError(name=f"{missing}.part")))
    assert cli.main(["ingest", source]) == 2
    assert capsys.readouterr().err == f"triage: {missing} {NOT_THERE} '.[{extra}]' in the project's folder\n"


def test_no_command_shows_the_help_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "submit" in captured.err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["--version"])
    assert exit_info.value.code == 0
    assert capsys.readouterr().out.startswith("triage-fleet")


def test_a_missing_setting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status"]) == 2
    assert capsys.readouterr().err.startswith("triage: TRIAGE_REDIS_URL is not set")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TRIAGE_LEASE_S", "soon")
    assert cli.main(["status"]) == 2
    assert "triage: TRIAGE_LEASE_S: " in capsys.readouterr().err


@pytest.mark.parametrize("url", ["redis://localhost:notaport/0", "redis://localhost:99999999/0"])
def test_an_address_that_is_none_is_a_wrong_setting_or_a_server_that_is_away(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_REDIS_URL", url)
    assert cli.main(["status"]) in (1, 2)
    assert capsys.readouterr().err.startswith("triage: ")


@pytest.mark.parametrize("words", [["status"], ["show", "t1"], ["tail"], ["dead", "list"], ["dead", "replay", "--all"]])
def test_a_server_that_is_away_is_a_message_and_ends_with_1(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_REDIS_URL", "redis://127.0.0.1:9/0")
    assert cli.main(words) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("triage: the ledger's server")
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigurationError("one\ntwo"), 2, "triage: one\ntriage: two\n"),
        (FleetError("no"), 1, "triage: no\n"),
        (LedgerUnavailableError("away"), 1, "triage: away\n"),
        (
            ModuleNotFoundError(name="rich"),
            2,
            "triage: rich is not installed: pip install '.[cli]' in the project's folder\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_expected_errors_become_a_message_and_a_code(
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(status, "run", raising(error))
    assert cli.main(["status"]) == code
    assert capsys.readouterr().err == message


def test_an_error_of_the_servers_library_is_put_into_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(status, "run", raising(RedisConnectionError("refused")))
    assert cli.main(["status"]) == 1
    assert "refused" in capsys.readouterr().err


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "run", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["status"])


def test_only_commands_that_take_settings_read_them() -> None:
    assert [c.name for c in registry.COMMANDS if not c.takes_settings] == ["check", "simulator"]


def raising(error: BaseException) -> Callable[..., Any]:
    def run(*_: Any) -> int:
        raise error

    return run
