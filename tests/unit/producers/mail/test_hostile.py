"""Mail made to hurt. Each of these takes minutes, or all memory, where the guard against it is taken out."""

import pytest

from producers.mail.invitation import read_calendar
from producers.mail.message import MailTicket, read_mail
from producers.mail.mime.parsing import parse
from producers.mail.mime.texts import MAX_READ, Reader
from producers.rejection import Rejected

HEAD = b"From: a@example.com\nSubject: s\n"
HTML = HEAD + b"Content-Type: text/html\n\n"

pytestmark = pytest.mark.timeout(30)


def nested(depth: int, lines: int) -> bytes:
    parts = (b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(depth))
    return HEAD + b"".join(parts) + b"\nwords\n" + b"a\n" * lines


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(nested(900, 100_000), id="deep parts and many lines"),
        pytest.param(HEAD + b"\nwords " + b"a" * 5_000_000, id="one long line"),
        pytest.param(b"X: a\n" * 50_000 + b"\nwords", id="many headers"),
        pytest.param(b"Subject: " + b"=?utf-8?q?a" * 50_000 + b"\n\nwords", id="broken encoded words"),
        pytest.param(b'Content-Type: text/plain; a="' + b";" * 200_000 + b"\n\nwords", id="broken parameters"),
        pytest.param(b"Content-Type: message/rfc822\n\n" * 3_000 + b"\nwords", id="messages in messages"),
        pytest.param(
            HEAD + b"Content-Type: text/plain; charset=punycode\n\nwords " + b"\xffa-b" * 200_000, id="punycode"
        ),
        *[
            pytest.param(HTML + b"words " + piece * 100_000, id=piece.decode())
            for piece in (b"<div>", b"<b>x", b"<!--")
        ],
        *[
            pytest.param(HEAD + b"\nwords\n" + piece * 50_000, id=repr(piece))
            for piece in (
                b"> a\nb\n",
                b"a:\n",
                b"On 1 Jan 2024 10:00 <a@b> ",
                b"From: a@b\n",
                b"--\n",
                b"begin 644 x\n",
                b" ",
            )
        ],
    ],
)
def test_hostile_mail_is_read_in_bounded_time(raw: bytes) -> None:
    found = read_mail(raw)
    assert isinstance(found, MailTicket)
    ticket = found.ticket
    assert "words" in ticket.body + ticket.quoted


def test_more_lines_than_fit_into_memory_are_cut_and_it_says_so() -> None:
    found = read_mail(HEAD + b"\nwords\n" + b"a\n" * 2_100_000)
    assert isinstance(found, MailTicket)
    assert "too many lines" in found.ticket.body


def test_all_parts_together_have_one_bound() -> None:
    part = b"--B\n\n" + b"some words\n" * 20_000
    reader = Reader()
    reader.lines(parse(HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n" + part * 10))
    assert sum(len(line.text) for line in reader.seen) <= MAX_READ


def test_deep_parts_are_read_also_where_the_stack_is_nearly_full() -> None:
    def called_from(frames: int) -> MailTicket | Rejected:
        return called_from(frames - 1) if frames else read_mail(nested(190, 0))

    found = called_from(620)
    assert isinstance(found, MailTicket)
    assert found.ticket.body == "words"


def test_nul_bytes_and_characters_that_reverse_others_are_dropped() -> None:
    found = read_mail("Subject: a\u202eb\n\nc\x00d\u2066e".encode())
    assert isinstance(found, MailTicket)
    assert (found.ticket.subject, found.ticket.body) == ("ab", "cde")


@pytest.mark.parametrize("raw", [b"BEGIN:VEVENT\n" * 50_000, b"BEGIN:VEVENT\nSUMMARY" + b';a="b"' * 100_000])
def test_hostile_calendars_are_read_in_bounded_time(raw: bytes) -> None:
    assert isinstance(read_calendar(raw), (MailTicket, Rejected))
