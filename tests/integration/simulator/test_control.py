"""The simulator's own endpoints, plain HTTP behaviour, and the command as a process."""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anthropic
import pytest

Benches = Callable[..., AbstractAsyncContextManager[Any]]
BODY = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}


def test_faults_are_set_and_taken_back_while_it_runs(benches: Benches) -> None:
    async def story() -> None:
        async with benches() as bench:
            assert await bench.plan({"kind": "overloaded", "times": 1}) == 200
            with pytest.raises(anthropic.OverloadedError):
                await bench.triage()
            await bench.triage()
            assert await bench.plan({"kind": "overloaded"}) == 200
            assert await bench.plan() == 200
            await bench.triage()
            assert await bench.plan({"kind": "meltdown"}) == 400

    asyncio.run(story())


def test_a_reset_forgets_counts_and_cache(benches: Benches) -> None:
    async def story() -> dict[str, Any]:
        async with benches() as bench:
            await bench.triage()
            async with bench.http.post(f"{bench.url}/_simulator/reset") as answer:
                assert answer.status == 200
            found: dict[str, Any] = await bench.stats()
            return found

    stats = asyncio.run(story())

    assert stats["calls"] == stats["tokens"] == stats["bill_nano_dollars"] == {}


def test_calls_in_flight_are_counted(benches: Benches) -> None:
    async def story() -> dict[str, Any]:
        async with benches() as bench:
            await bench.plan({"kind": "timeout"})
            calls = [asyncio.create_task(bench.triage()) for _ in range(3)]
            await bench.settled(in_flight=3)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            found: dict[str, Any] = await bench.stats()
            return found

    assert asyncio.run(story())["most_in_flight"] == 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_simulator/health", 200),
        ("GET", "/v1/messages", 405),
        ("DELETE", "/v1/models", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/models?limit=0", 400),
        ("GET", "/v1/models?limit=many", 400),
        ("GET", "/v1/models?after_id=claude-nobody", 400),
        ("GET", "/v1/models?lifecycle=retired", 200),
    ],
)
def test_paths_and_methods_are_answered_as_such(benches: Benches, method: str, path: str, status: int) -> None:
    async def story() -> tuple[int, str, dict[str, Any]]:
        async with benches() as bench, bench.http.request(method, bench.url + path) as answer:
            return answer.status, answer.headers["x-simulator"], await answer.json()

    answered, mark, body = asyncio.run(story())

    assert (answered, mark) == (status, "triage-fleet")
    assert (body.get("type") == "error") is (status >= 400)


def test_a_chunked_body_is_read_like_any_other(benches: Benches) -> None:
    async def story() -> int:
        async def pieces() -> Any:
            yield json.dumps(BODY)[:20].encode()
            yield json.dumps(BODY)[20:].encode()

        async with benches() as bench, bench.http.post(f"{bench.url}/v1/messages", data=pieces()) as answer:
            status: int = answer.status
            return status

    assert asyncio.run(story()) == 200


def test_a_body_above_the_limit_is_refused_after_it_was_read(benches: Benches) -> None:
    async def story() -> Any:
        async def pieces() -> Any:
            for _ in range(33):
                yield b" " * 1024 * 1024

        async with benches() as bench, bench.http.post(f"{bench.url}/v1/messages", data=pieces()) as answer:
            return answer.status, (await answer.json())["error"]["type"]

    assert asyncio.run(story()) == (413, "request_too_large")


def test_without_a_version_header_nothing_is_answered(benches: Benches) -> None:
    async def story() -> tuple[int, str]:
        async with benches() as bench:
            headers = {"anthropic-version": ""}
            async with bench.http.post(f"{bench.url}/v1/messages", json=BODY, headers=headers) as answer:
                return answer.status, (await answer.json())["error"]["message"]

    status, message = asyncio.run(story())

    assert status == 400
    assert "anthropic-version" in message


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_url_first_and_stops_when_asked(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "ops.simulator", "--port", "0", "--latency", "zero", "--fault", "empty=0.5@0-9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/_simulator/health", timeout=5) as answer:
            assert json.load(answer)["simulated"] is True
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--latency", "slow"], "slow"),
        (["--fault", "meltdown=1"], "kind"),
        (["--faults", "missing.toml"], "missing.toml"),
        (["--train", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_wrong_arguments_end_with_two_and_a_reason(arguments: list[str], complaint: str) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "ops.simulator", "--port", "0", *arguments]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
