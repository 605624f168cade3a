"""Whole collections of real mails. They lie beside the repository on the developers' machine only."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.ticket import Automated
from producers.mail.invitation import read_calendar
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from producers.mail.reply.lines import plain_lines
from producers.mail.reply.split import split_lines
from producers.mail.text_file import read_text_body
from producers.rejection import Rejected
from tests.support.rows import SHARED

_MACHINES = {Automated.BOUNCE, Automated.AUTO_REPLY}
_SAY_SO: tuple[str, ...] = (
    "bounce",
    "dsn",
    "delivery-status",
    "multipart_report",
    "auto_reply",
    "msg_16",
    "msg_43",
    "disposition",
)
_SAY_SO += ("complaint", "feedback-report", "issue212")
"""Reports and automatic replies among the mails of other projects' tests, each looked at by a person."""


def files(name: str) -> list[Path]:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: the collected mails are no part of the repository")
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".md", ".jsonl")]


def read(path: Path) -> MailTicket | Rejected:
    readers: dict[str, Callable[[bytes], MailTicket | Rejected]] = {
        ".ics": read_calendar,
        ".html": lambda raw: read_text_body(raw, is_html=True),
    }
    if path.suffix == ".txt" and "reply_parsing" in path.parts:
        return read_text_body(path.read_bytes(), is_html=False)
    return readers.get(path.suffix, read_mail)(path.read_bytes())


def kind(path: Path) -> Automated | None:
    found = read(path)
    assert isinstance(found, MailTicket), path
    return found.ticket.automated


@pytest.mark.parametrize("name", ["emails", "bounces", "reply_parsing"])
def test_every_collected_mail_becomes_a_ticket(name: str) -> None:
    assert not [path.name for path in files(name) if isinstance(read(path), Rejected)]


def test_every_collected_calendar_becomes_a_text_or_is_rejected_with_a_reason() -> None:
    found = [read(path) for path in files("calendars")]
    assert all(one.reason if isinstance(one, Rejected) else one.ticket.body for one in found)
    assert sum(isinstance(one, MailTicket) for one in found) >= 0.8 * len(found)


def test_most_collected_bounces_are_recognised() -> None:
    found = [kind(path) for path in files("bounces/sisimai")]
    assert sum(one in _MACHINES for one in found) >= 0.95 * len(found)
    assert [kind(path) for path in files("bounces/sisimai_not_bounce")] == [None]


def test_peoples_mail_is_not_taken_for_a_machines() -> None:
    paths = [path for path in files("emails") if not any(name in str(path) for name in _SAY_SO)]
    paths += [path for name in ("calendars", "reply_parsing", "webhooks") for path in files(name)]
    wrong = [path.name for path in paths if isinstance(read(path), MailTicket) and kind(path)]
    assert wrong == ["m0015"], "a shop's newsletter"


def test_collected_signatures_are_found() -> None:
    files("reply_parsing")
    lines = (SHARED / "reply_parsing" / "talon_signatures.jsonl").read_text("utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    found = [split_lines(plain_lines(row["body"]), sender=row["sender"]).signature for row in rows]
    assert found == [row["signature"].strip() for row in rows]


def test_collected_replies_lose_their_history() -> None:
    for path in files("reply_parsing/talon_html") + files("reply_parsing/talon_standard"):
        found = read(path)
        assert isinstance(found, MailTicket)
        assert found.ticket.body.split() in (["Hello"], ["Hi.", "I", "am", "fine.", "Thanks,", "Alex"]), path.name
        assert found.ticket.quoted, path.name
