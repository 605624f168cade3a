import email
import json
import mailbox
import re
from collections.abc import Callable
from email import policy
from pathlib import Path
from typing import Any

import pytest

from ops.cli.main import main
from producers.files import messages
from tests.support.rows import SHARED

MAIL = b"From: ann@example.com\nSubject: Help\nMessage-ID: <m@x>\n\nIt broke.\n\n> did it?\n"

Parse = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def parse(capsys: pytest.CaptureFixture[str]) -> Parse:
    """Run `triage parse --json` and read the objects, one of each line."""

    def run(*words: object) -> list[dict[str, Any]]:
        assert main(["parse", "--json", *map(str, words)]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_mail_is_shown_as_the_ticket_that_it_would_be(parse: Parse, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (shown,) = parse(tmp_path / "a.eml")
    assert (shown["file"], shown["format"], shown["rejection"]) == (str(tmp_path / "a.eml"), "eml", None)
    assert (shown["ticket"]["subject"], shown["ticket"]["sender"]) == ("Help", "ann@example.com")
    assert shown["key"].startswith("mail:<m@x>:")


def test_a_rejection_is_a_result_and_each_file_has_its_line(parse: Parse, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1\2")
    (tmp_path / "b.eml").write_bytes(MAIL)
    first, second = parse(tmp_path / "a.bin", tmp_path / "b.eml")
    assert (first["ticket"], first["rejection"]["line"]) == (None, 1)
    assert second["ticket"]["body"]


OURS = b"From: Us <us@acme.example>\nX-Triage-Fleet: 1\nSubject: x\n\nWe are on it.\n"


def test_our_own_words_are_known_by_the_addresses_that_are_named(parse: Parse, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(OURS)
    (tmp_path / "a.mbox").write_bytes(b"From a Tue Nov 24 08:00:00 2026\n" + OURS)
    own = ("--own", "help@acme.example", "--own", "US@acme.example")
    assert parse(tmp_path / "a.eml")[0]["ticket"]["automated"] is None
    assert parse(*own, tmp_path / "a.eml")[0]["ticket"]["automated"] == "loop"
    assert parse(*own, tmp_path / "a.mbox")[0]["items"][0]["ticket"]["automated"] == "loop"


def test_the_common_addresses_hold_for_files_too(parse: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_OWN_ADDRESSES", "us@acme.example")
    (tmp_path / "a.eml").write_bytes(OURS)
    assert parse(tmp_path / "a.eml")[0]["ticket"]["automated"] == "loop"


def test_mails_are_read_without_our_addresses_with_one_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(MAIL)
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a"}\n')
    main(["parse", str(tmp_path / "a.jsonl")])
    assert "--own" not in capsys.readouterr().err
    main(["parse", str(tmp_path / "a.eml"), str(tmp_path / "b.eml")])
    assert capsys.readouterr().err.count("--own") == 1
    main(["parse", "--own", "us@acme.example", str(tmp_path / "a.eml")])
    assert "--own" not in capsys.readouterr().err


def test_what_is_no_address_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "--own", "acme", str(tmp_path)]) == 2
    assert "--own takes a mail address" in capsys.readouterr().err


SEPARATOR = b"From a Tue Nov 24 08:00:00 2026\n"
OF_MANY = [
    ("a.jsonl", b'{"text": "a"}\nbad\n', [1, 2]),
    ("a.csv", b"id,text\n1,a\n2\n", [2, 3]),
    ("a.mbox", SEPARATOR + MAIL + b"\n" + SEPARATOR, [1, 10]),
]


@pytest.mark.parametrize(("name", "content", "lines"), OF_MANY)
def test_files_of_many_show_each_with_its_line(
    name: str, content: bytes, lines: list[int], parse: Parse, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    (shown,) = parse(tmp_path / name)
    assert (shown["format"], shown["tickets"], shown["rejections"]) == (name[2:], 1, 1)
    assert [item["line"] for item in shown["items"]] == lines
    assert [bool(item["ticket"]) for item in shown["items"]] == [True, False]


def test_a_mailbox_of_one_message_without_a_mailboxs_name_is_a_mail(parse: Parse, tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_bytes(b"From a Tue Nov 24 08:00:00 2026\n" + MAIL)
    (shown,) = parse(tmp_path / "Inbox")
    assert (shown["format"], shown["ticket"]["subject"]) == ("eml", "Help")


def test_a_maildir_names_the_file_of_each_message(parse: Parse, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    name = box.add(MAIL)
    (shown,) = parse(tmp_path / "box")
    assert (shown["format"], shown["tickets"]) == ("maildir", 1)
    assert shown["items"][0]["file"] == str(tmp_path / "box" / "new" / name)


def test_people_get_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b.jsonl").write_bytes(b'{"text": "\\u001b[2J"}\n' * 30 + b"bad\n")
    assert main(["parse", str(tmp_path / "a.eml"), str(tmp_path / "b.jsonl")]) == 0
    out = capsys.readouterr().out
    assert "sender" in out
    assert "ann@example.com" in out
    assert "30 tickets, 1 rejection" in out
    assert "… and 11 more" in out
    assert "\x1b" not in out


def test_a_parser_that_fails_is_a_rejection_that_names_the_error(
    parse: Parse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: bytes, **_options: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(messages, "read_mail", broken)
    (tmp_path / "a.eml").write_bytes(MAIL)
    (shown,) = parse(tmp_path / "a.eml")
    assert shown["rejection"]["reason"] == "the parser failed on it: ZeroDivisionError"


def test_a_missing_library_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_: bytes) -> None:
        raise ModuleNotFoundError("No module named 'icalendar'", name="icalendar")

    monkeypatch.setattr(messages, "read_calendar", missing)
    (tmp_path / "a.ics").write_text("BEGIN:VCALENDAR")
    (tmp_path / "b.jsonl").write_text('{"text": "read all the same"}')
    assert main(["parse", str(tmp_path / "a.ics"), str(tmp_path / "b.jsonl")]) == 0
    shown = capsys.readouterr().out
    assert "pip install '.[mail]'" in shown
    assert "read all the same" in shown


@pytest.mark.parametrize("words", [["/nowhere"], ["--map", "price=Cost", "x"]])
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", *words]) == 2
    assert capsys.readouterr().out == ""


def collected(folder: str) -> list[Path]:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"{SHARED / folder} is not here: the collected files are no part of the repository")
    found = sorted(path for path in (SHARED / folder).rglob("*") if path.is_file())
    return [path for path in found if path.name != "INDEX.jsonl" and path.suffix != ".md"]


@pytest.mark.parametrize("folder", ["emails", "bounces", "calendars", "reply_parsing", "webhooks"])
def test_every_collected_file_ends_as_a_ticket_or_a_rejection_with_a_reason(folder: str, parse: Parse) -> None:
    paths = collected(folder)
    shown = parse(*paths)
    assert [one["file"] for one in shown] == [str(path) for path in paths]
    results = [item for one in shown for item in one.get("items", [one])]
    assert not [item for item in results if bool(item["ticket"]) == bool(item["rejection"])]
    reasons = {item["rejection"]["reason"] for item in results if item["rejection"]}
    assert not [reason for reason in reasons if not reason or "parser failed" in reason]
    mails = (one for one in shown if one["format"] == "eml" and one["ticket"])
    assert not [one["file"] for one in mails if _is_blank(one) and _has_visible_text(one["file"])]


def _is_blank(shown: dict[str, Any]) -> bool:
    return not shown["ticket"]["body"].strip()


def _has_visible_text(file: str) -> bool:
    """Whether the standard library alone finds words in a plain text part that is no attachment."""
    mail = email.message_from_bytes(Path(file).read_bytes(), policy=policy.compat32)
    parts = (part for part in mail.walk() if part.get_content_type() == "text/plain" and not part.get_filename())
    texts = (part.get_payload(decode=True) for part in parts if "attachment" not in str(part["Content-Disposition"]))
    # Two words in a row: the middle of a picture in base64 is letters, too.
    return any(isinstance(text, bytes) and re.search(rb"[A-Za-z]{2,}[,.]? [A-Za-z]{2,}", text) for text in texts)
