import io
import sys
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from ops.cli.intake.inputs import Inputs, Item, Refusal, ensure_readable

ROW = b'{"id": "r1", "text": "words"}\n'
MAIL = b"From: ann@example.com\nSubject: Help\n\nwords\n"


def read(path: Path, content: bytes) -> list[Item | Refusal]:
    path.write_bytes(content)
    return list(Inputs([str(path)]))


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.jsonl", ROW, "file"),
        ("a.txt", ROW, "file"),
        ("a", b"\xef\xbb\xbf\n" + ROW, "file"),
        ("a.eml", MAIL, "mail"),
        ("a.msg", MAIL, "mail"),
        ("a", MAIL, "mail"),
        ("a.eml", b"no header at all", "mail"),
    ],
)
def test_the_format_is_known_by_ending_or_content(name: str, content: bytes, source: str, tmp_path: Path) -> None:
    (item,) = read(tmp_path / name, content)
    assert isinstance(item, Item)
    assert item.ticket.source == source


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    (refusal,) = read(tmp_path / "a.pdf", b"%PDF-1.7\n\x00\x01")
    assert isinstance(refusal, Refusal)
    assert "neither JSON lines nor a mail" in refusal.reason


def test_bad_rows_are_refused_where_they_stand_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", ROW + b"\nbad\n" + b'{"text": "b"}')
    assert [(type(item), item.line) for item in found] == [(Item, 1), (Refusal, 3), (Item, 4)]


def test_an_empty_file_has_no_tickets(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", b"") == []
    assert read(tmp_path / "a", b"\n\n") == []


def test_how_far_it_is_is_known_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(ROW * 3)
    (tmp_path / "b.eml").write_bytes(MAIL)
    inputs = Inputs([str(tmp_path / "a.jsonl"), str(tmp_path / "b.eml")])
    assert inputs.bytes_total == 3 * len(ROW) + len(MAIL)
    assert len(list(inputs)) == 4
    assert inputs.bytes_read == inputs.bytes_total


def test_standard_input_is_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ROW)))
    inputs = Inputs(["-"])
    (item,) = inputs
    assert isinstance(item, Item)
    assert (item.file, item.key, inputs.bytes_total) == ("stdin", "file:r1", None)


@pytest.mark.parametrize("names", [["/nowhere/at/all"], ["/"], ["-", "-"], ["a\0b"]])
def test_names_that_lead_nowhere_are_refused_before_anything_is_accepted(names: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        ensure_readable(names)


def test_a_file_that_goes_away_meanwhile_is_refused(tmp_path: Path) -> None:
    (refusal,) = Inputs([str(tmp_path / "gone.jsonl")])
    assert refusal == Refusal(str(tmp_path / "gone.jsonl"), 1, "cannot be read: No such file or directory")
