import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleet.ledger import Ledger
from ops.cli.main import main

Ask = Callable[..., "Answer"]
Start = Callable[..., "subprocess.Popen[Any]"]


class Answer:
    """What a command said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        """Standard output as the one object that it has to be."""
        return json.loads(self.out)


@pytest.fixture
def triage(
    ledger: Ledger, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Run `triage …` in this process against an empty ledger."""
    del ledger
    monkeypatch.setenv("TRIAGE_REDIS_URL", redis_url)

    def ask(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return ask


@pytest.fixture
def start(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start `triage …` as a process of its own, which is gone after the test; keywords are those of Popen."""
    monkeypatch.setenv("TRIAGE_REDIS_URL", redis_url)
    started: list[subprocess.Popen[Any]] = []

    def run(*words: str, **options: Any) -> "subprocess.Popen[Any]":
        command = [sys.executable, "-m", "ops.cli.main", *words]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, **(pipes | options)))
        return started[-1]

    yield run
    for process in started:
        with process:
            process.kill()
