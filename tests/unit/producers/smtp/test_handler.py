import pytest

from producers.smtp.delivery import with_envelope
from producers.smtp.floor import is_among
from producers.smtp.handler import matcher
from producers.smtp.settings import NEAR


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("support@example.com", True),
        ("Support@Example.COM", True),
        ("anything@help.example.com", True),
        ("support@example.com.evil.net", False),
        ("xsupport@example.com", False),
        ("support@examplexcom", False),
        ("@help.example.com", True),
        ("support@example.com\n", False),
        ("", False),
    ],
)
def test_a_recipient_is_ours_when_a_pattern_says_so(address: str, is_ours: bool) -> None:
    assert matcher(["support@example.com", "*@help.example.com"])(address) is is_ours


@pytest.mark.parametrize(
    ("host", "is_near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("192.168.7.9", True),
        ("172.32.0.1", False),
        ("fe80::1%eth0", True),
        ("8.8.8.8", False),
        ("2001:db8::1", False),
    ],
)
def test_only_near_clients_may_deliver_unless_others_are_named(host: str, is_near: bool) -> None:
    assert is_among(host, NEAR) is is_near


def test_the_envelope_s_sender_stands_before_one_that_the_mail_claims() -> None:
    raw = with_envelope(b"\r\nReturn-Path: <ceo@example.com>\r\nSubject: x\r\n\r\n", "<>")
    assert raw.startswith(b"Return-Path: <>\r\nReturn-Path: <ceo@example.com>\r\nSubject")


def test_whom_the_envelope_names_stands_in_the_mail() -> None:
    raw = with_envelope(b"Subject: x\r\n\r\n", "a@x.example", ["help@acme.example", "<sales@acme.example>"])
    assert raw == (
        b"Return-Path: <a@x.example>\r\nDelivered-To: help@acme.example\r\nDelivered-To: sales@acme.example\r\n"
        b"Subject: x\r\n\r\n"
    )


def test_an_address_of_broken_letters_is_noted_with_the_bytes_that_came() -> None:
    sender = b"caf\xe9@example.com".decode("utf-8", "surrogateescape")
    assert with_envelope(b"Subject: x\r\n", sender).startswith(b"Return-Path: <caf\xe9@example.com>\r\n")
