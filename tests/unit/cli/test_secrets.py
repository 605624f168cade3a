"""A canary stands in every secret in turn, well-formed or not; nothing that a command says may hold it."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import BaseModel

from fleet import redaction
from fleet.environment import FILE
from fleet.errors import ConfigurationError
from fleet.setting_types import is_secret
from fleet.settings import Settings, load_group, load_settings, variable
from ops.cli import main as cli
from producers.groups import GROUPS

CANARY = "cAnArY7Zq9xWv"

PLAIN = (
    CANARY,
    f"{CANARY}\n# prod key",
    f"{CANARY}\nsecond",
    f"# prod key\n{CANARY}",
    f"{CANARY}\r\nX-Evil: 1",
    f'"{CANARY}"',
    f"{CANARY} {CANARY}",
    f"{CANARY}\u2026",
    f"{CANARY}\x1b[2J",
)
ADDRESSES = (
    f"redis://:{CANARY}@127.0.0.1:9/0",
    f"redis://u:{CANARY}",
    f"redis://:{CANARY}@127.0.0.1:port/0",
    f"redis://:{CANARY}#x@127.0.0.1/0",
    f"redis://:{CANARY}/x@127.0.0.1:6379/0",
    f"redis://:x{CANARY}\u2100@127.0.0.1",
    f"redis://[{CANARY}",
    f"redis://{CANARY}@127.0.0.1:9/0",
    f"redis://127.0.0.1:9/{CANARY}",
    f"redis://127.0.0.1:9/0?password={CANARY}",
    f"redis://127.0.0.1:9/0?pasword={CANARY}",
    f"amqp://guest:{CANARY}@127.0.0.1:9//",
    f"nope://guest:{CANARY}@127.0.0.1:9//",
    f"kafka://guest:{CANARY}@127.0.0.1:9//",
    f"http://:{CANARY}@127.0.0.1:9",
    f"https://{CANARY}@sentry.example/x",
)


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """An API that is reached: what cannot be sent fails only after that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def secrets_of(group: type[BaseModel], prefix: str) -> list[str]:
    return [prefix + name.upper() for name, info in group.model_fields.items() if is_secret(info.annotation)]


CORE = [variable(name) for name, info in Settings.model_fields.items() if is_secret(info.annotation)]
OF_GROUPS = [(name, prefix) for prefix, load in GROUPS.items() for name in secrets_of(load(), prefix)]


def said_of(load: Callable[[], BaseModel]) -> str:
    try:
        return repr(load())
    except ConfigurationError as error:
        return str(error)


def test_there_are_secrets_to_be_kept() -> None:
    assert {"ANTHROPIC_API_KEY", "TRIAGE_REDIS_URL", "TRIAGE_BROKER_URL", "TRIAGE_PAGE_ROUTING_KEY"} <= set(CORE)
    assert {"TRIAGE_IMAP_PASSWORD", "TRIAGE_RAW_URL", "TRIAGE_SLACK_APP_TOKEN"} <= {name for name, _ in OF_GROUPS}


@pytest.mark.parametrize("name", CORE)
def test_reading_the_settings_says_no_secret(name: str, tmp_path: Path) -> None:
    for value in PLAIN + ADDRESSES:
        (tmp_path / "secret").write_text(value)
        assert CANARY not in said_of(partial(load_settings, {name: value})), value
        assert CANARY not in said_of(partial(load_settings, {name + FILE: str(tmp_path / "secret")})), value


@pytest.mark.parametrize(("name", "prefix"), OF_GROUPS)
def test_reading_a_producers_settings_says_no_secret(name: str, prefix: str) -> None:
    for value in PLAIN + ADDRESSES:
        assert CANARY not in said_of(partial(load_group, GROUPS[prefix](), prefix, {name: value})), value


@pytest.mark.parametrize("command", ["check", "status"])
@pytest.mark.parametrize("name", CORE)
def test_no_command_says_a_secret(
    command: str, name: str, api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", api)
    if "ANTHROPIC" not in name:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-x")
    for value in ADDRESSES if name.endswith(("_URL", "_DSN")) else PLAIN:
        monkeypatch.setenv(name, value)
        assert cli.main([command]) in (0, 1, 2)
        said = capsys.readouterr()
        assert CANARY not in said.out + said.err, value
        assert "Traceback" not in said.err


@pytest.mark.parametrize("headers", [f"api-key: {CANARY}\x01", f"api-key: {CANARY}\u2026", f"api-key: x\r{CANARY}"])
def test_a_header_of_the_sdk_that_cannot_be_sent_is_not_said(
    headers: str, api: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGE_REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", api)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-x")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", headers)
    assert cli.main(["check"]) in (1, 2)
    said = capsys.readouterr()
    assert CANARY not in said.out + said.err


def test_the_traceback_of_our_own_mistake_says_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    redaction.remember(CANARY)
    redaction.guard_tracebacks()
    sys.excepthook(ZeroDivisionError, ZeroDivisionError(CANARY), None)
    said = capsys.readouterr().err
    assert "ZeroDivisionError: ***" in said
