import io
import json
import mailbox
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import redis

from fleet.lanes import Lane
from fleet.ledger.audit import audit
from fleet.ledger.reading import read_lanes, read_totals
from ops.cli.intake import pump
from ops.cli.terminal import connection
from tests.integration.cli.conftest import Ask, Start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration

MIXED = (
    '{"id": "r1", "text": "one"}\nbad\n\n{"id": "r2", "text": ""}\n{"text": "three"}\n{"id": "r1", "text": "other"}\n'
)


def hints(client: redis.Redis, queue: str = "triage.small") -> list[Any]:
    """Read the ids of every hint that lies in a queue, newest first."""
    raw: Any = client.lrange(f"tf:{queue}", 0, -1)
    return [hint_ids(message) for message in raw]


def hint_ids(message: bytes) -> list[str]:
    import base64

    body = json.loads(base64.b64decode(json.loads(message)["body"]))
    return [str(one) for one in body[0][0]["ids"]]


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    file = tmp_path / "mixed.jsonl"
    file.write_text(MIXED)
    return str(file)


def test_good_rows_go_in_and_bad_ones_are_told_with_their_line(triage: Ask, client: redis.Redis, mixed: str) -> None:
    answer = triage("submit", mixed)
    assert answer.code == 1
    assert answer.out.startswith("3 tickets accepted, 0 already in, 2 rejected")
    assert f"{mixed}:2: not JSON" in answer.err
    assert f"{mixed}:6: its id is taken by a ticket with other content (triage show r1)" in answer.err
    assert len(hints(client)) == 3
    assert read_totals(client).waiting == 3
    assert audit(client) == []


def test_a_second_run_puts_nothing_in_twice(triage: Ask, client: redis.Redis, mixed: str) -> None:
    first, second = triage("submit", mixed, "--json"), triage("submit", mixed, "--json")
    assert (first.json["accepted"], first.json["duplicates"], first.json["rejected"]) == (3, 0, 2)
    assert (second.json["accepted"], second.json["duplicates"], second.json["rejected"]) == (0, 3, 2)
    assert first.json["ids"][:2] == ["r1", "r2"]
    assert first.json["complete"] is True
    assert [row["line"] for row in second.json["rejections"]] == [2, 6]
    assert len(hints(client)) == 3


def test_all_good_ends_with_0(triage: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    (tmp_path / "b.eml").write_text("From: a@b\nSubject: Help\nMessage-ID: <m@x>\n\nwords\n")
    files = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.eml")]
    answer = triage("submit", "--own", "support@x", *files)
    assert (answer.code, answer.err) == (0, "")
    assert triage("submit", *files).out.startswith("0 tickets accepted, 2 already in, 0 rejected")


def test_standard_input_the_lane_and_the_size_of_hints(
    triage: Ask, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f'{{"id": "r{n}", "text": "x"}}\n' for n in range(25))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(rows.encode())))
    assert triage("submit", "-", "--lane", "bulk", "--hint-size", "10").code == 0
    assert read_lanes(client)[Lane.BULK].waiting == 25
    assert sorted(len(ids) for ids in hints(client, "triage.small.bulk")) == [5, 10, 10]


def test_a_full_ledger_ends_it_with_1_and_says_how_many_went_in(
    triage: Ask, client: redis.Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_MAX_BACKLOG", "5")
    (tmp_path / "a.jsonl").write_text("".join(f'{{"text": "x{n}"}}\n' for n in range(9)))
    answer = triage("submit", str(tmp_path / "a.jsonl"), "--wait", "0.1", "--json")
    assert answer.code == 1
    assert (answer.json["accepted"], answer.json["complete"]) == (5, False)
    assert "the ledger is full" in answer.json["stopped"]
    assert "5 tickets went in" in answer.err
    assert read_totals(client).waiting == 5


def test_a_broker_that_is_away_costs_a_warning_and_no_ticket(
    triage: Ask, client: redis.Redis, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_BROKER_URL", "redis://127.0.0.1:9/0")
    answer = triage("submit", mixed, "--json")
    assert (answer.json["accepted"], answer.json["hints_sent"]) == (3, False)
    assert "hints could not be sent" in answer.err
    assert read_totals(client).waiting == 3


def test_a_server_that_loses_tickets_is_refused(triage: Ask, client: redis.Redis, mixed: str) -> None:
    client.config_set("appendonly", "no")
    try:
        answer = triage("submit", mixed)
    finally:
        client.config_set("appendonly", "yes")
    assert answer.code == 2
    assert "appendonly" in answer.err
    assert read_totals(client).accepted == 0


WRONG = [("/nowhere",), ("x", "--hint-size", "0"), ("x", "--wait", "nan"), ("x", "--map", "price=Cost")]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_accepts_nothing(triage: Ask, words: tuple[str, ...]) -> None:
    answer = triage("submit", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("triage: ")


def test_batches_follow_each_other(triage: Ask, client: redis.Redis, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(pump, "BATCH", 7)
    (tmp_path / "a.jsonl").write_text("".join(f'{{"text": "x{n}"}}\n' for n in range(30)))
    assert triage("submit", str(tmp_path / "a.jsonl")).code == 0
    assert read_totals(client).waiting == len(hints(client)) == 30


@pytest.mark.parametrize(
    "ending",
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "told to stop (SIGTERM)")],
    ids=["INT", "TERM"],
)
def test_an_interrupted_run_says_so_and_a_second_one_completes_it(
    triage: Ask, start: Start, client: redis.Redis, tmp_path: Path, ending: tuple[int, int, str]
) -> None:
    number, code, said = ending
    rows = [f'{{"id": "r{n}", "text": "x"}}\n'.encode() for n in range(201)]
    process = start("submit", "-", "--json")
    assert process.stdin
    process.stdin.write(b"".join(rows[:200]))
    process.stdin.flush()
    wait_for("what came so far is in, though more may come", lambda: read_totals(client).accepted == 200)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert (json.loads(out)["accepted"], json.loads(out)["stopped"]) == (200, said)
    assert b"run the same command again" in err
    (tmp_path / "a.jsonl").write_bytes(b"".join(rows))
    again = triage("submit", str(tmp_path / "a.jsonl"), "--json").json
    assert (again["accepted"], again["duplicates"]) == (1, 200)


def test_a_table_says_what_was_guessed_and_rows_without_ids_are_counted(
    triage: Ask, client: redis.Redis, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("Summary;Description\nhelp;it broke\nhelp;it broke\nhelp\n")
    first = triage("submit", str(tmp_path / "a.csv"), "--json")
    assert (first.json["accepted"], first.json["rejected"]) == (2, 1)
    assert "body = Description" in first.err
    assert first.json["rejections"][0]["line"] == 4
    assert triage("submit", str(tmp_path / "a.csv"), "--json").json["duplicates"] == 2
    assert read_totals(client).waiting == 2


def test_a_mail_is_one_ticket_by_whatever_way_it_comes(triage: Ask, client: redis.Redis, tmp_path: Path) -> None:
    mail = b"From: a@b\nSubject: Help\nMessage-ID: <m@x>\n\nwords\n"
    (tmp_path / "a.eml").write_bytes(mail)
    (tmp_path / "a.mbox").write_bytes(b"From a@b Tue Nov 24 08:00:00 2026\n" + mail + b"\n")
    box = mailbox.Maildir(tmp_path / "box")
    box.add(mail)
    answer = triage("submit", str(tmp_path / "a.mbox"), str(tmp_path / "a.eml"), str(tmp_path / "box"), "--json").json
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (1, 2, 0)
    assert read_totals(client).waiting == 1


def test_a_server_short_of_memory_takes_nothing_and_says_so(
    triage: Ask, client: redis.Redis, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_MEMORY_FULL_SHARE", "0.000001")
    client.config_set("maxmemory", "4gb")
    try:
        answer = triage("submit", mixed, "--wait", "0", "--json")
    finally:
        client.config_set("maxmemory", "0")
    assert answer.code == 1
    assert "TRIAGE_MEMORY_FULL_SHARE" in answer.json["stopped"]
    assert read_totals(client).accepted == 0


def test_the_first_failure_to_hint_ends_the_trying(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    del client
    tries = []

    class Broken:
        def look_each(self, *_: object, **__: object) -> None:
            tries.append(1)
            raise OSError("away")

    from fleet.hints import HintSender
    from fleet.settings import Settings

    monkeypatch.setattr(HintSender, "for_settings", lambda _: Broken())
    hinting = connection.Hints(Settings())
    hinting.look([("t1", "q")], 1)
    hinting.look([("t2", "q")], 1)
    assert len(tries) == 1
