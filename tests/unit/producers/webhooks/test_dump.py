from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mail.message import MailTicket
from producers.rejection import Rejected
from producers.webhooks.dump import read_dump
from tests.servers.webhook_sender import Mail, Request, one_of_each
from tests.support.rows import SHARED

FILES = sorted((SHARED / "webhooks").glob("*/*.txt"))
MAILS = {name: request for name, request in one_of_each().items() if name != "message"}


def dumped(request: Request, start: str = "POST /hook HTTP/1.1", line: str = "\r\n") -> bytes:
    head = [start, "Host: example.com", *(f"{name}: {value}" for name, value in request.headers.items())]
    return line.join(head).encode() + 2 * line.encode() + request.body


@pytest.mark.parametrize("name", list(MAILS))
@pytest.mark.parametrize("start", ["POST /hook HTTP/1.1", "HTTP/1.1 200 OK"])
@pytest.mark.parametrize("line", ["\r\n", "\n"])
def test_a_recorded_request_is_a_ticket(name: str, start: str, line: str) -> None:
    found = read_dump(dumped(MAILS[name], start, line))
    assert isinstance(found, MailTicket)
    assert found.ticket.body == Mail().text


def test_a_multipart_form_with_bare_line_feeds_is_read() -> None:
    found = read_dump(dumped(MAILS["sendgrid"]).replace(b"\r\n", b"\n"))
    assert isinstance(found, MailTicket)
    assert found.ticket.body == Mail().text


def test_headers_alone_are_enough() -> None:
    found = read_dump(dumped(MAILS["postmark"]).partition(b"\r\n")[2])
    assert isinstance(found, MailTicket)


def test_a_mail_is_a_mail() -> None:
    found = read_dump(Mail().raw)
    assert isinstance(found, MailTicket)
    assert found.ticket.subject == Mail().subject


def test_any_field_that_is_a_whole_mail_is_read() -> None:
    found = read_dump(b"HTTP/1.1 200 OK\r\n\r\na=b&anything=From%3A+a%40x%0ASubject%3A+Hello%0A%0Abody")
    assert isinstance(found, MailTicket)
    assert (found.ticket.subject, found.ticket.body) == ("Hello", "body")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "neither"),
        (b"just words", "neither"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "no provider"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{", "not JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]", "no provider"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\nabc", "multipart"),
        (b"HTTP/1.1 200 OK\r\n\r\nmandrill_events=[]", "no mail"),
        (b"HTTP/1.1 200 OK\r\n\r\nmandrill_events=5", "no list"),
    ],
)
def test_what_is_no_mail_is_told_with_a_reason(raw: bytes, reason: str) -> None:
    found = read_dump(raw)
    assert isinstance(found, Rejected)
    assert reason in found.reason


@given(st.binary(), st.sampled_from(["application/json", "multipart/form-data; boundary=x", "", "text/plain"]))
def test_anything_is_a_ticket_or_a_rejection(body: bytes, kind: str) -> None:
    assert read_dump(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + body) is not None


@pytest.mark.skipif(not FILES, reason="the shared data sets are not here")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_recorded_file_is_a_ticket_with_the_words_that_a_person_sees(file: Path) -> None:
    raw = file.read_bytes()
    found = read_dump(raw)
    assert isinstance(found, MailTicket)
    assert found.ticket.sender
    assert found.ticket.conversation
    assert bool(found.ticket.body) == (b"bold" in raw or b"GTUBE-STANDARD" in raw)
