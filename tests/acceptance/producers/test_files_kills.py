"""`triage submit` is killed in mid-stream again and again, and started again."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.support.producers import accepted_bodies, check_ledger, fragile_server
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS = 20
ROWS = 24_000
MOST_ROWS_A_RUN = 900
"""What a run takes in at most before it is killed, but for what is under way then."""


def rows() -> list[dict[str, str]]:
    """Rows with an id, rows without, and rows that say the same as an earlier one."""
    kinds = (lambda n: {"id": f"r{n}", "text": f"request {n}"}, lambda n: {"text": f"request {n}"})
    return [*(kinds[n % 2](n) for n in range(ROWS - 10)), *({"text": "please call me"} for _ in range(10))]


def submit(file: Path | str, url: str) -> "subprocess.Popen[bytes]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}  # noqa: TID251
    return subprocess.Popen(
        [sys.executable, "-m", "ops.cli.main", "submit", str(file), "--json"],
        env=inherited | {"TRIAGE_REDIS_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_after(rows_more: int, process: "subprocess.Popen[bytes]", client: redis.Redis) -> None:
    goal = read_totals(client).accepted + rows_more
    while process.poll() is None and read_totals(client).accepted < goal:
        pass
    process.kill()
    _, error = process.communicate()
    assert process.returncode == -9, error.decode()


def test_twenty_kills_lose_no_row_and_put_none_in_twice(client: redis.Redis, redis_url: str, tmp_path: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows()))
    chance = random.Random(4)
    for _ in range(KILLS):
        kill_after(chance.randint(1, MOST_ROWS_A_RUN), submit(file, redis_url), client)
    assert KILLS < read_totals(client).accepted < ROWS
    with submit(file, redis_url) as last:
        out, _ = last.communicate(timeout=120)
    assert last.returncode == 0
    assert json.loads(out)["accepted"] + json.loads(out)["duplicates"] == ROWS
    assert accepted_bodies(redis_url) == sorted(row["text"] for row in rows())
    check_ledger(redis_url)


def test_a_ledger_that_goes_away_meanwhile_is_waited_for(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"r{n}", "text": f"request {n}"}).encode() + b"\n" for n in range(3_000)]
    with fragile_server(tmp_path) as outage:
        process = submit("-", outage.url)
        assert process.stdin
        process.stdin.write(b"".join(lines[:1_500]))
        process.stdin.flush()
        wait_for("the first half is in", lambda: len(accepted_bodies(outage.url)) == 1_500)
        outage.begin()
        process.stdin.write(b"".join(lines[1_500:]))
        process.stdin.flush()
        assert process.stderr
        assert b"waiting up to 60 s" in process.stderr.readline()
        outage.end()
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert json.loads(out)["accepted"] + json.loads(out)["duplicates"] == len(lines)
        assert accepted_bodies(outage.url) == sorted(f"request {n}" for n in range(3_000))
        check_ledger(outage.url)
