from datetime import UTC, datetime

import pytest

from fleet.ticket import Source, Ticket
from producers.mail.message import MailTicket, looks_like_mail, read_mail
from producers.rejection import Rejected

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = "From: Ann <ann@example.com>\nSubject: Help\nMessage-ID: <m1@example.com>\n"


def mail(text: str | bytes) -> MailTicket:
    raw = text if isinstance(text, bytes) else text.encode()
    made = read_mail(raw, now=NOW)
    assert isinstance(made, MailTicket), made
    return made


def ticket(text: str | bytes) -> Ticket:
    return mail(text).ticket


def multipart(*parts: str, kind: str = "mixed", head: str = HEAD) -> str:
    body = "".join(f"--B\n{part}\n" for part in parts)
    return f'{head}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="B"\n\n{body}--B--\n'


PLAIN = "Content-Type: text/plain\n\nplain words"
HTML = "Content-Type: text/html\n\n<p>html <b>words</b><script>no()</script>"


def test_a_plain_mail_becomes_a_ticket() -> None:
    found = ticket(f"{HEAD}Date: Mon, 01 Jan 2024 10:00:00 +0200\n\nMy card was charged twice.\n")
    assert (found.source, found.subject, found.sender) == (Source.MAIL, "Help", "Ann <ann@example.com>")
    assert found.body == "My card was charged twice."
    assert found.received_at == datetime(2024, 1, 1, 8, tzinfo=UTC)
    assert found.conversation == "<m1@example.com>"
    assert found.automated is None


def test_plain_text_is_preferred_and_html_is_stripped_where_there_is_none() -> None:
    assert ticket(multipart(PLAIN, HTML, kind="alternative")).body == "plain words"
    assert ticket(multipart(HTML, kind="alternative")).body == "html words"
    assert ticket(multipart("Content-Type: text/plain\n\n  ", HTML, kind="alternative")).body == "html words"


def test_attachments_are_named_and_not_read() -> None:
    attached = "Content-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''r%C3%A9.txt\n\nsecret"
    picture = "Content-Type: image/png\n\nxxxx"
    found = ticket(multipart(PLAIN, attached, picture))
    assert found.body == "plain words"
    assert found.attachments == ("ré.txt (text/plain, 6 B)", "unnamed (image/png, 4 B)")


def test_a_forwarded_message_speaks_where_the_writer_did_not() -> None:
    forwarded = f"Content-Type: message/rfc822\n\n{HEAD}\ninner words"
    beside = ticket(multipart(PLAIN, forwarded))
    assert (beside.body, beside.forwarded) == (
        "plain words",
        "From: Ann <ann@example.com>\nSubject: Help\n\ninner words",
    )
    silent = ticket(multipart("Content-Type: text/plain\n\n", forwarded))
    assert silent.body == beside.forwarded
    assert silent.attachments == ("unnamed (message/rfc822, 85 B)",)


def test_headers_are_decoded() -> None:
    head = "From: =?utf-8?q?J=C3=B6rg?= <j@example.com>\nSubject: =?iso-8859-1?q?caf=E9?=\n =?utf-8?b?IOKCrA==?=\n\nx"
    found = ticket(head)
    assert (found.subject, found.sender) == ("café €", "Jörg <j@example.com>")


@pytest.mark.parametrize(("raw", "subject"), [(b"caf\xc3\xa9", "café"), (b"caf\xe9", "café")])
def test_bare_bytes_in_headers_are_utf_8_or_western(raw: bytes, subject: str) -> None:
    assert ticket(b"Subject: " + raw + b"\n\nx").subject == subject


@pytest.mark.parametrize("charset", ["nonsense", "base64", "utf-8", '"a\\0b"', "us-ascii", "", "iso-8859-8-i", "idna"])
def test_a_wrong_charset_costs_no_words(charset: str) -> None:
    raw = f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + b"caf\xc3\xa9 words"
    assert "words" in ticket(raw).body


def test_a_conversation_is_named_by_its_first_message() -> None:
    assert ticket(f"{HEAD}References: <a@x> <b@x>\nIn-Reply-To: <b@x>\n\nx").conversation == "<a@x>"
    assert ticket(f"{HEAD}In-Reply-To: <b@x>\n\nx").conversation == "<b@x>"
    assert ticket("Subject: s\n\nx").conversation == ""


@pytest.mark.parametrize(
    "date",
    ["yesterday", "Mon, 01 Jan 2024 10:00:00 -0000", "Mon, 01 Jan 1960 10:00:00 +0000", "1 Jan 9999 1:0 +0000", ""],
)
def test_an_unbelievable_date_is_replaced_by_now(date: str) -> None:
    assert ticket(f"{HEAD}Date: {date}\n\nx").received_at == NOW


def test_the_key_is_the_same_for_the_same_mail_and_another_for_other_words() -> None:
    assert mail(f"{HEAD}\nx").key == mail(f"{HEAD}\nx").key
    assert mail(f"{HEAD}\nx").key.startswith("mail:<m1@example.com>:")
    assert mail(f"{HEAD}\nx").key != mail(f"{HEAD}\ny").key


def test_mails_without_an_id_are_told_apart_by_every_byte() -> None:
    first, second = (f"Subject: Call me\nDate: Mon, 0{day} Jan 2024 10:00:00 +0000\n\nx" for day in (1, 2))
    assert mail(first).key == mail(first).key != mail(second).key


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
    ],
)
def test_what_cannot_be_a_ticket_is_rejected_with_its_reason(raw: bytes, reason: str) -> None:
    found = read_mail(raw)
    assert isinstance(found, Rejected)
    assert reason in found.reason


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00\x01\x02",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: ;;;=\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Content-Disposition: attachment; filename*=x'y\n\nz",
        b"From: <<<>>>,,;\nSubject: =?utf-8?b?x?=\nDate: =?=\nReferences: <\n\nx",
        b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\nContent-Type: multipart/mixed; boundary=B\n\n" * 500,
        b"Content-Type: message/rfc822\n\n" * 2_000,
        b"Subject: " + b"x" * 200_000 + b"\n\nx",
    ],
)
def test_broken_mail_never_raises(raw: bytes) -> None:
    assert isinstance(read_mail(raw), (MailTicket, Rejected))


@pytest.mark.parametrize(
    ("start", "is_mail"),
    [
        (b"From: a@b\n", True),
        (b"Received: from x\n", True),
        (b"From ann Mon Jan 1\nSubject: x", True),
        (b"\xef\xbb\xbf\n\nSubject: x", True),
        (b'{"text": 1}', False),
        (b"Dear all, this: is no header", False),
        (b"", False),
    ],
)
def test_mail_is_known_by_its_first_line(start: bytes, is_mail: bool) -> None:
    assert looks_like_mail(start) is is_mail
