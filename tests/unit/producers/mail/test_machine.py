from datetime import UTC, datetime

import pytest

from fleet.ticket import Automated
from producers.mail.message import MailTicket, read_mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OWN = frozenset({"Support@Example.com"})


def kind(head: str, body: str = "x", own: frozenset[str] = frozenset()) -> Automated | None:
    made = read_mail(f"{head}\n\n{body}".encode(), now=NOW, own=own)
    assert isinstance(made, MailTicket)
    return made.ticket.automated


PERSON = "From: Ann <ann@customer.example>\nSubject: Help\nMessage-ID: <m@x>"
MIXED = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B"
STATUS = "--B\n\nfailed\n--B\nContent-Type: message/delivery-status\n\nAction: failed\n--B--"
ORIGINAL = "--B\n\n550 5.1.1 user unknown\n--B\nContent-Type: message/rfc822\n\nSubject: Hi\n\nx\n--B--"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("From: <>\nSubject: Delivery Status\n" + MIXED, STATUS),
        ("From: MAILER-DAEMON\nSubject: Re: your mail", "<<< 550 unknown"),
        ("From: post_master@mobile.example\nSubject: Re: Hi\n" + MIXED, ORIGINAL),
        ("From: postmaster@x.example\nSubject: =?utf-8?b?44Oh44O844Or44KS6YWN5L+h44Gn44GN44G+44Gb44KT?=", "x"),
        (PERSON + "\nX-Failed-Recipients: a@b.example", "x"),
        ("From: no-reply@isp.example\nSubject: Undeliverable\n" + MIXED, ORIGINAL),
        ("From: no-reply@isp.example\nSubject: Mail\nReturn-Path: <>", "could not be delivered to: <a@b.example>"),
        (f"{PERSON}\nContent-Type: multipart/report; report-type=feedback-report; boundary=B", "x"),
        ("From: staff@freemail.example\nSubject: complaint about message from 192.0.2.1\n" + MIXED, ORIGINAL),
    ],
)
def test_reports_of_mail_systems_are_bounces(head: str, body: str) -> None:
    assert kind(head, body) is Automated.BOUNCE


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (PERSON.replace("Help", "Undelivered Mail Returned to Sender"), "I get this:\n<<< 550 5.1.1 user unknown"),
        (f"{PERSON}\n{MIXED}", ORIGINAL),
        (f"{PERSON}\n{MIXED}".replace("Help", "Undeliverable"), ORIGINAL),
        (f"{PERSON}\n{MIXED}", STATUS),
        ("From: no-reply@form.example\nSubject: Delivery failed", "My parcel could not be delivered."),
        ("From: postmaster@customer.example\nSubject: Our invoice is wrong", "mailbox full"),
        (PERSON.replace("Help", "Automatic reply stopped working"), "x"),
        (PERSON + "\nX-Auto-Response-Suppress: All", "x"),
        (PERSON + "\nX-Autoreply: no", "x"),
    ],
)
def test_what_a_person_writes_is_no_machines(head: str, body: str) -> None:
    assert kind(head, body) is None


@pytest.mark.parametrize(
    "head",
    [
        PERSON.replace("Help", "Automatic reply: Help") + "\nReturn-Path: <>",
        PERSON.replace("Help", "=?utf-8?q?R=C3=A9ponse_automatique_:_Help?="),
        PERSON.replace("Help", "Out of Office: Help"),
        PERSON + "\nX-Autorespond: Help",
        PERSON + "\nAuto-Submitted: auto-replied",
        "From: news-admin@x.example\nSubject: You are no member\nX-MLServer: fml",
    ],
)
def test_answers_that_nobody_wrote_are_auto_replies(head: str) -> None:
    assert kind(head) is Automated.AUTO_REPLY


def test_without_addresses_of_ours_only_newsletters_are_lists() -> None:
    group = f"{PERSON}\nList-Id: <support.example.com>\nPrecedence: list"
    assert kind(group) is None
    assert kind(f"{PERSON}\nList-Unsubscribe: <https://x.example>") is None
    assert kind(f"{PERSON}\nList-Unsubscribe: <https://x.example>\nPrecedence: bulk") is Automated.LIST
    assert kind(f"{PERSON}\nList-Unsubscribe: <https://x.example>\nList-Unsubscribe-Post: x") is Automated.LIST


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("List-Id: Support <support.example.com>\nPrecedence: list\nList-Unsubscribe: <https://x.example>", None),
        ("List-Post: <mailto:support@example.com>\nPrecedence: list", None),
        ("Mailing-list: list support@example.com; contact support+owners@example.com\nPrecedence: list", None),
        ("List-Id: <news.other.example>", Automated.LIST),
        ("Precedence: junk", Automated.LIST),
        ("X-Other: y", None),
    ],
)
def test_a_list_that_is_an_address_of_ours_is_customers_mail(lines: str, expected: Automated | None) -> None:
    assert kind(f"{PERSON}\n{lines}", own=OWN) is expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("From: Us <support@example.com>", Automated.LOOP),
        ("From: Us <support@example.com>\nReply-To: ann@customer.example", None),
        (f"{PERSON}\nX-Triage-Fleet: 1", Automated.LOOP),
        (f"{PERSON}\nX-Loop: support@example.com", Automated.LOOP),
        (PERSON + "\nReceived: from a by b" * 51, Automated.LOOP),
        (PERSON + "\nReceived: from a by b" * 50, None),
    ],
)
def test_our_own_words_are_loops(head: str, expected: Automated | None) -> None:
    assert kind(head, own=OWN) is expected
