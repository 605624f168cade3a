"""Workers that could do harm do not start: exit code 2 and one message that says what to change."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from fleet.ledger.scripts import SCHEMA
from tests.support.server import embedded_server

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

WRONG_CONFIGURATION = 2
CANARY = "cAnArY7Zq9xWv"


def _refusal(*, warned: str = "", **settings: str) -> str:
    """Start a worker, expect that it refuses, and answer what it says."""
    environment = dict(os.environ) | {"ANTHROPIC_API_KEY": "sk-simulated"} | settings  # noqa: TID251 - a child's
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", "triage.small", "-c", "1"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in ended.stderr.splitlines() if line.startswith("triage worker: ")]
    assert ended.returncode == WRONG_CONFIGURATION, ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert warned in ended.stderr
    assert CANARY not in ended.stderr + ended.stdout
    assert len(said) == 1, ended.stderr
    return said[0]


@pytest.fixture
def unsafe_server() -> Iterator[str]:
    """A server with the policies of a cache."""
    policies: dict[str, Any] = {"appendonly": "no", "maxmemory-policy": "allkeys-lru"}
    with embedded_server(**policies) as server:
        yield server.connection_url


def test_no_redis_url() -> None:
    assert "TRIAGE_REDIS_URL is not set" in _refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRIAGE_LEASE_S", "soon"),
        ("TRIAGE_SINKS", "pigeon"),
        ("TRIAGE_DAILY_BUDGT_USD", "5"),
        ("ANTHROPIC_API_KEY", f"{CANARY}\n# prod key"),
        ("TRIAGE_REDIS_URL", f"redis://default:{CANARY}"),
        ("TRIAGE_BROKER_URL", f"nope://u:{CANARY}@127.0.0.1"),
    ],
)
def test_a_wrong_value_is_named(redis_url: str, name: str, value: str) -> None:
    assert name in _refusal(**({"TRIAGE_REDIS_URL": redis_url} | {name: value}))


def test_no_key_for_the_models(redis_url: str) -> None:
    assert "ANTHROPIC_API_KEY is not set" in _refusal(TRIAGE_REDIS_URL=redis_url, ANTHROPIC_API_KEY="")


def test_a_model_without_a_price(redis_url: str) -> None:
    said = _refusal(TRIAGE_REDIS_URL=redis_url, TRIAGE_SMALL_MODEL="claude-unheard-of")
    assert "claude-unheard-of" in said
    assert "TRIAGE_PRICES" in said


def test_a_server_that_loses_tickets(unsafe_server: str) -> None:
    said = _refusal(TRIAGE_REDIS_URL=unsafe_server)
    assert "maxmemory-policy allkeys-lru" in said
    assert "appendonly no" in said
    assert "TRIAGE_ALLOW_UNSAFE_REDIS" in said


def test_a_ledger_that_a_newer_release_wrote(client: redis.Redis, redis_url: str) -> None:
    client.set("tf:schema", SCHEMA + 1)
    assert f"the ledger has schema {SCHEMA + 1}" in _refusal(TRIAGE_REDIS_URL=redis_url)


def test_a_server_that_does_not_answer() -> None:
    warned = "http://gateway.example is plain http to another machine"
    settings = {"ANTHROPIC_BASE_URL": "http://gateway.example", "TRIAGE_REDIS_URL": f"redis://:{CANARY}@127.0.0.1:1/0"}
    assert "did not answer" in _refusal(warned=warned, **settings)


def test_a_password_that_the_server_refuses(redis_url: str) -> None:
    assert "did not answer" in _refusal(TRIAGE_REDIS_URL=redis_url.replace("redis://", f"redis://nobody:{CANARY}@"))
