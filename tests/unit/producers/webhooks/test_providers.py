"""What each provider makes of a mail comes to the same ticket."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from fleet.errors import InvalidTicketError
from fleet.ticket import Automated, Ticket
from producers.mail.message import MailTicket, read_mail
from producers.webhooks.providers.registry import PROVIDERS
from producers.webhooks.request.posted import Posted
from tests.servers.webhook_sender import (
    Mail,
    Request,
    cloudmailin,
    form,
    mailgun,
    mandrill,
    multipart,
    one_of_each,
    postmark,
    sendgrid,
)

MAIL = Mail(text="Grüße, my card was charged twice\n\nOn Monday, Bob wrote:\n> how are you\n", subject="Größe")
WITH_FILE = Mail(text="see the file", files={"Rechnung Mai.pdf": b"%PDF" * 100})
ALL: dict[str, Callable[[Mail], Request]] = {
    "postmark": postmark,
    "mailgun": mailgun,
    "mailgun raw": lambda mail: mailgun(mail, is_raw=True),
    "mandrill": mandrill,
    "sendgrid": sendgrid,
    "sendgrid raw": lambda mail: sendgrid(mail, is_raw=True),
    "cloudmailin": cloudmailin,
    "cloudmailin multipart": lambda mail: cloudmailin(mail, "multipart"),
    "cloudmailin raw": lambda mail: cloudmailin(mail, "raw"),
}
NAMES = pytest.mark.parametrize("name", list(ALL))


def posted(request: Request) -> Posted:
    return Posted(request.headers, request.body)


def tickets(request: Request) -> list[MailTicket]:
    provider = PROVIDERS[request.path.rpartition("/")[2]]
    found = [read_mail(raw) for raw in provider.mails(posted(request))]
    assert all(isinstance(one, MailTicket) for one in found)
    return [one for one in found if isinstance(one, MailTicket)]


def ticket(request: Request) -> Ticket:
    (found,) = tickets(request)
    return found.ticket


@NAMES
def test_a_mail_is_the_same_ticket_from_every_provider(name: str) -> None:
    as_it_came = read_mail(MAIL.raw)
    assert isinstance(as_it_came, MailTicket)
    found = ticket(ALL[name](MAIL))
    assert found.model_dump(exclude={"id"}) == as_it_came.ticket.model_dump(exclude={"id"})
    assert found.body == "Grüße, my card was charged twice"
    assert found.received_at == datetime(2026, 11, 24, 8, tzinfo=UTC)


@NAMES
def test_a_second_try_has_the_same_key(name: str) -> None:
    assert tickets(ALL[name](MAIL))[0].key == tickets(ALL[name](MAIL))[0].key


@NAMES
def test_a_second_try_has_the_same_key_even_without_a_message_id(name: str) -> None:
    nameless = Mail(text="please call me", message_id="")
    assert tickets(ALL[name](nameless))[0].key == tickets(ALL[name](nameless))[0].key


@pytest.mark.parametrize("name", ["postmark", "mailgun", "sendgrid", "cloudmailin", "cloudmailin multipart"])
def test_attachments_are_listed_with_type_and_size(name: str) -> None:
    assert ticket(ALL[name](WITH_FILE)).attachments == ("Rechnung Mai.pdf (application/pdf, 400 B)",)


@pytest.mark.parametrize("name", ["postmark", "mailgun", "sendgrid", "cloudmailin", "cloudmailin multipart"])
def test_a_mail_of_html_alone_has_its_text(name: str) -> None:
    assert ticket(ALL[name](Mail(text="", html="<p>My <b>card</b></p>"))).body == "My card"


@pytest.mark.parametrize("name", list(PROVIDERS))
def test_providers_are_told_apart(name: str) -> None:
    for request in one_of_each().values():
        if "inbound" in request.path:
            assert PROVIDERS[name].is_mine(posted(request)) == request.path.endswith(name)


@pytest.mark.parametrize("name", list(PROVIDERS))
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"From": 1, "MessageID": 2, "headers": 3}', b"{"])
def test_strange_json_is_told_or_a_mail_without_words(name: str, body: bytes) -> None:
    strange = Posted({"content-type": "application/json"}, body)
    try:
        found = PROVIDERS[name].mails(strange)
    except InvalidTicketError:
        return
    assert [isinstance(raw, bytes) for raw in found] == [True]


def test_postmark_hands_on_the_whole_mail_where_it_sends_it() -> None:
    own = json.loads(postmark(Mail()).body) | {"RawEmail": MAIL.raw.decode()}
    request = Request("/v1/inbound/postmark", {"content-type": "application/json"}, json.dumps(own).encode())
    assert ticket(request).subject == "Größe"


def test_a_senders_name_with_a_comma_is_quoted() -> None:
    own = json.loads(postmark(Mail()).body) | {"FromFull": {"Name": 'Doe, "Jo"', "Email": "jo@example.net"}}
    request = Request("/v1/inbound/postmark", {"content-type": "application/json"}, json.dumps(own).encode())
    assert ticket(request).sender == '"Doe, \\"Jo\\"" <jo@example.net>'


def test_mandrill_brings_several_mails_and_none_for_other_events() -> None:
    assert len(tickets(mandrill(Mail(), Mail(message_id="<m2@x>")))) == 2
    assert tickets(form("/mandrill", {"mandrill_events": '[{"event": "send", "msg": {}}]'})) == []
    assert tickets(form("/mandrill", {"mandrill_events": "[]"})) == []


def test_mandrill_without_the_whole_mail_is_read_from_its_pieces() -> None:
    message = {
        "headers": {"Message-Id": "<m1@x>", "Received": ["by a", "by b"]},
        "from_name": "Ann",
        "from_email": "ann@example.net",
        "subject": "Hello",
        "text": "My card",
        "attachments": {
            "a": {"name": "a.txt", "type": "text/plain", "content": "abc", "base64": False},
            "b": {"name": "b.pdf", "type": "application/pdf", "content": base64.b64encode(b"1234").decode()},
        },
    }
    events = json.dumps([{"event": "inbound", "msg": message}])
    found = ticket(form("/mandrill", {"mandrill_events": events}))
    assert (found.subject, found.body, found.sender) == ("Hello", "My card", "Ann <ann@example.net>")
    assert found.attachments == ("a.txt (text/plain, 3 B)", "b.pdf (application/pdf, 4 B)")


def test_mailgun_tells_of_files_that_it_stored_elsewhere() -> None:
    stored = json.dumps([{"url": "https://x", "name": "a.pdf", "content-type": "application/pdf", "size": 12345}])
    found = ticket(form("/mailgun", {"from": "ann@example.net", "body-plain": "see", "attachments": stored}))
    assert found.attachments == ("a.pdf (application/pdf, 12.3 kB)",)


def test_mailgun_without_the_list_of_headers_is_read_from_its_fields() -> None:
    fields = {"sender": "ann@example.net", "subject": "Hello", "Message-Id": "<m1@x>", "stripped-text": "My card"}
    found = ticket(form("/mailgun", fields))
    assert (found.sender, found.subject, found.body) == ("ann@example.net", "Hello", "My card")
    assert found.conversation == "<m1@x>"


def test_sendgrid_says_the_letters_of_each_field() -> None:
    fields = {"charsets": '{"text": "iso-8859-1"}', "from": "a@x", "text": "TEXT"}
    request = multipart("/v1/inbound/sendgrid", fields, {})
    body = request.body.replace(b"TEXT", b"Gr\xfc\xdfe")
    assert ticket(Request(request.path, request.headers, body)).body == "Grüße"


@pytest.mark.parametrize("kind", [name for name in ALL if name.startswith(("sendgrid", "cloudmailin"))])
def test_an_empty_sender_of_the_envelope_is_a_clue_of_a_bounce(kind: str) -> None:
    request = ALL[kind](Mail(sender="Postmaster <postmaster@example.net>", subject="Undeliverable: invoice"))
    assert ticket(request).automated is None
    empty = request.body.replace(b'from": "ann@example.net"', b'from": ""')
    empty = empty.replace(b'from\\": \\"ann@example.net\\"', b'from\\": \\"\\"')
    empty = empty.replace(b'"envelope[from]"\r\n\r\nann@example.net', b'"envelope[from]"\r\n\r\n')
    assert empty != request.body
    assert ticket(Request(request.path, request.headers, empty)).automated is Automated.BOUNCE


def test_a_report_of_failed_delivery_is_a_bounce_in_pieces_too() -> None:
    own = json.loads(cloudmailin(Mail()).body)
    own["headers"]["content_type"] = 'multipart/report; report-type=delivery-status; boundary="x y"'
    report = "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@x\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    content = base64.b64encode(report.encode()).decode()
    own["attachments"] = [{"file_name": "", "content_type": "message/delivery-status", "content": content}]
    request = Request("/v1/inbound/cloudmailin", {"content-type": "application/json"}, json.dumps(own).encode())
    assert ticket(request).automated is Automated.BOUNCE
