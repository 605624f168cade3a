"""Workers that could do harm do not start: exit code 2 and one message that says what to change."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis

from fleet.ledger.scripts import SCHEMA

pytestmark = pytest.mark.acceptance

WRONG_CONFIGURATION = 2


def _refusal(**settings: str) -> str:
    """Start a worker, expect that it refuses, and answer what it says."""
    environment = dict(os.environ) | {"ANTHROPIC_API_KEY": "sk-simulated"} | settings  # noqa: TID251 - a child's
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", "triage.small", "-c", "1"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in ended.stderr.splitlines() if line.startswith("triage worker: ")]
    assert ended.returncode == WRONG_CONFIGURATION, ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert len(said) == 1, ended.stderr
    return said[0]


@pytest.fixture
def policy(client: redis.Redis) -> Iterator[redis.Redis]:
    """Let a test change the server's policies, and change them back."""
    before = client.config_get("maxmemory-policy"), client.config_get("appendonly")
    yield client
    for found in before:
        for name, value in found.items():  # type: ignore[union-attr]
            client.config_set(name, value)


def test_no_redis_url() -> None:
    assert "TRIAGE_REDIS_URL is not set" in _refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRIAGE_LEASE_S", "soon"), ("TRIAGE_REDIS_URL", "localhost:6379"), ("TRIAGE_SINKS", "pigeon")],
)
def test_a_wrong_value_is_named(redis_url: str, name: str, value: str) -> None:
    assert name in _refusal(**({"TRIAGE_REDIS_URL": redis_url} | {name: value}))


def test_a_model_without_a_price(redis_url: str) -> None:
    said = _refusal(TRIAGE_REDIS_URL=redis_url, TRIAGE_SMALL_MODEL="claude-unheard-of")
    assert "claude-unheard-of" in said
    assert "TRIAGE_PRICES" in said


@pytest.mark.parametrize(("name", "value"), [("maxmemory-policy", "allkeys-lru"), ("appendonly", "no")])
def test_a_server_that_loses_tickets(policy: redis.Redis, redis_url: str, name: str, value: str) -> None:
    policy.config_set(name, value)
    said = _refusal(TRIAGE_REDIS_URL=redis_url)
    assert f"{name} {value}" in said
    assert "TRIAGE_ALLOW_UNSAFE_REDIS" in said


def test_a_ledger_that_a_newer_release_wrote(client: redis.Redis, redis_url: str) -> None:
    client.set("tf:schema", SCHEMA + 1)
    assert f"the ledger has schema {SCHEMA + 1}" in _refusal(TRIAGE_REDIS_URL=redis_url)


def test_a_server_that_does_not_answer() -> None:
    said = _refusal(TRIAGE_REDIS_URL="redis://127.0.0.1:1/0")
    assert "did not answer" in said
