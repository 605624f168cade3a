import io
import mailbox
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import ConfigurationError
from ops.cli.intake.inputs import Inputs, Refusal
from ops.cli.intake.places import bytes_in, find_places
from producers.files.formats import Format
from producers.files.reading import Reading
from producers.files.rows import Found

ROW = b'{"id": "r1", "text": "words"}\n'
MAIL = b"From: ann@example.com\nSubject: Help\n\nwords\n"


def silent(_: str) -> None:
    pass


def inputs_of(*names: object, reading: Reading = Reading(), **options: Any) -> Inputs:  # noqa: B008 - frozen
    return Inputs(find_places([str(name) for name in names]), reading, silent, **options)


def read(path: Path, content: bytes, reading: Reading = Reading()) -> list[Found | Refusal]:  # noqa: B008 - frozen
    path.write_bytes(content)
    return list(inputs_of(path, reading=reading))


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.jsonl", ROW, "file"),
        ("a.txt", ROW, "file"),
        ("a", b"\xef\xbb\xbf\n" + ROW, "file"),
        ("a.csv", b"text\nwords\n", "file"),
        ("a.txt", b"My printer does not print.", "file"),
        ("a.html", b"<p>My printer does not print.</p>", "file"),
        ("a.eml", MAIL, "mail"),
        ("a.msg", MAIL, "mail"),
        ("a", MAIL, "mail"),
        ("a.eml", b"no header at all", "mail"),
        ("a.mbox", b"From ann Tue Nov 24 08:00:00 2026\n" + MAIL, "mail"),
    ],
)
def test_the_format_is_known_by_ending_or_content(name: str, content: bytes, source: str, tmp_path: Path) -> None:
    (item,) = read(tmp_path / name, content)
    assert isinstance(item, Found)
    assert item.ticket.source == source


def test_a_file_that_is_nothing_we_know_is_refused(tmp_path: Path) -> None:
    (refusal,) = read(tmp_path / "a.pdf", b"%PDF-1.7\n\x00\x01")
    assert isinstance(refusal, Refusal)
    assert "--format" in refusal.reason


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    (item,) = read(tmp_path / "a.dat", b"text;id\nwords;1\n", Reading(Format.CSV))
    assert isinstance(item, Found)
    assert (item.ticket.body, item.key) == ("words", "file:1")


def test_bad_rows_are_refused_where_they_stand_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", ROW + b"\nbad\n" + b'{"text": "b"}')
    assert [(type(item), item.line) for item in found] == [(Found, 1), (Refusal, 3), (Found, 4)]


def test_an_empty_table_has_no_tickets_and_an_empty_message_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", b"") == []
    assert read(tmp_path / "a.csv", b"") == []
    assert [type(item) for item in read(tmp_path / "a.txt", b"\n\n")] == [Refusal]


def test_a_maildir_is_read_message_by_message(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for name in ("one", "two", "three"):
        box.add(f"Message-ID: <{name}@x>\nSubject: {name}\n\nwords\n".encode())
    seen = mailbox.MaildirMessage(b"Message-ID: <four@x>\nSubject: four\n\nwords\n")
    seen.set_subdir("cur")
    seen.set_flags("S")
    box.add(seen)
    (tmp_path / "box" / "tmp" / "half").write_bytes(b"Subject: half")
    found = list(inputs_of(tmp_path / "box"))
    assert sorted(item.ticket.subject for item in found if isinstance(item, Found)) == ["four", "one", "three", "two"]
    assert len(found) == 4


def test_a_folder_gives_its_mails_in_order(tmp_path: Path) -> None:
    for name in ("b.eml", "a.EML", "notes.txt"):
        (tmp_path / name).write_bytes(MAIL.replace(b"Help", name.encode()))
    assert [item.ticket.subject for item in inputs_of(tmp_path) if isinstance(item, Found)] == ["a.EML", "b.eml"]


def test_how_far_it_is_is_known_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ROW * 3)
    (tmp_path / "b.eml").write_bytes(MAIL)
    places = find_places([str(tmp_path / "a.jsonl"), str(tmp_path / "b.eml")])
    assert bytes_in(places) == 3 * len(ROW) + len(MAIL)
    inputs = Inputs(places, Reading(), silent)
    assert len(list(inputs)) == 4
    assert inputs.bytes_read == bytes_in(places)


@pytest.mark.parametrize(("kind", "content"), [(None, ROW), (Format.CSV, b"id,text\nr1,words\n")])
def test_standard_input_is_rows_unless_told(kind: Format | None, content: bytes, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    places = find_places(["-"])
    (item,) = Inputs(places, Reading(kind), silent)
    assert isinstance(item, Found)
    assert (item.file, item.key, bytes_in(places)) == ("stdin", "file:r1", None)


def test_who_waits_for_a_slow_pipe_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    heard: list[int] = []

    def idle() -> None:
        heard.append(1)
        os.write(writer, ROW)
        os.close(writer)

    with os.fdopen(reader, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        assert len(list(inputs_of("-", idle=idle))) == 1
    assert heard == [1]


@pytest.mark.parametrize("names", [["/nowhere/at/all"], ["/"], ["-", "-"], ["a\0b"]])
def test_names_that_lead_nowhere_are_refused_before_anything_is_accepted(names: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        find_places(names)


def test_a_file_that_goes_away_meanwhile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gone.jsonl").write_bytes(ROW)
    inputs = inputs_of(tmp_path / "gone.jsonl")
    (tmp_path / "gone.jsonl").unlink()
    (refusal,) = inputs
    assert refusal == Refusal(str(tmp_path / "gone.jsonl"), 1, "cannot be read: No such file or directory")


def test_a_parser_that_fails_ends_its_file_and_not_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("producers.files.json_file.read_rows", broken)
    (tmp_path / "a.jsonl").write_bytes(ROW)
    (tmp_path / "b.eml").write_bytes(MAIL)
    refusal, item = inputs_of(tmp_path / "a.jsonl", tmp_path / "b.eml")
    assert isinstance(refusal, Refusal)
    assert refusal.reason.endswith("RuntimeError")
    assert isinstance(item, Found)
