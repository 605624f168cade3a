"""Who may deliver what: recipients, clients, sizes, and clients that mean harm."""

import smtplib
import socket
from contextlib import ExitStack

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.integration.producers.smtp.conftest import ALSO_US, THEM, US, Receive, Receiving, a_mail
from tests.support.producers import accepted_bodies
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration


def raw_client(running: Receiving) -> socket.socket:
    """A client without manners, greeted."""
    client = socket.create_connection(("127.0.0.1", running.port), timeout=20)
    assert client.recv(1000).startswith(b"220 mx.test triage-fleet\r\n")
    return client


def until_closed(client: socket.socket) -> bytes:
    """All that the server says until it closes."""
    said = b""
    try:
        while more := client.recv(65_536):
            said += more
    except ConnectionResetError:
        pass
    return said


def test_it_is_no_open_relay(receiving: Receive, redis_url: str) -> None:
    with receiving() as running, running.client() as mta:
        refused = mta.sendmail(THEM, [US, "victim@elsewhere.example"], a_mail().as_bytes())
        assert refused == {"victim@elsewhere.example": (550, b"5.1.1 no such recipient here")}
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            mta.sendmail(THEM, ["victim@elsewhere.example"], a_mail("second", 2).as_bytes())
    assert len(accepted_bodies(redis_url)) == 1
    assert running.refused("scope") == 2


def test_a_client_from_elsewhere_is_sent_away_to_try_again(receiving: Receive) -> None:
    with receiving(PEERS="10.0.0.0/8") as running:
        with pytest.raises(smtplib.SMTPConnectError) as caught:
            running.client()
        assert (caught.value.smtp_code, running.refused("unknown")) == (421, 1)


def test_more_connections_than_allowed_are_sent_away_until_one_ends(receiving: Receive) -> None:
    with receiving(MAX_CONNECTIONS="2") as running:
        with ExitStack() as both:
            for _ in range(2):
                both.enter_context(running.client())
            with pytest.raises(smtplib.SMTPConnectError) as caught:
                running.client()
            assert (caught.value.smtp_code, running.refused("rate")) == (421, 1)

        def is_let_in() -> bool:
            try:
                running.client().close()
            except smtplib.SMTPConnectError:
                return False
            return True

        wait_for("there is room again", is_let_in)


def test_a_mail_that_says_it_is_too_big_is_refused_before_it_is_sent(receiving: Receive) -> None:
    with receiving(MAX_BYTES="2000") as running, running.client() as mta:
        mta.ehlo()
        assert mta.esmtp_features["size"] == "2000"
        assert mta.docmd("MAIL", f"FROM:<{THEM}> SIZE=2001")[0] == 552


def test_a_mail_that_is_too_big_is_refused_and_the_next_one_taken(receiving: Receive, redis_url: str) -> None:
    with receiving(MAX_BYTES="2000") as running, running.client() as mta:
        mta.helo()  # says nothing of sizes
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.sendmail(THEM, [US], b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 300)
        assert (caught.value.smtp_code, running.counted("rejected")) == (552, 1)
        mta.send_message(a_mail())
    assert accepted_bodies(redis_url) == ["my card was charged twice"]


def test_a_line_without_an_end_does_not_fill_the_memory(receiving: Receive) -> None:
    with receiving(MAX_BYTES="20000") as running, raw_client(running) as client:
        client.sendall(f"EHLO x\r\nMAIL FROM:<{THEM}>\r\nRCPT TO:<{US}>\r\nDATA\r\n".encode())
        client.sendall(b"x" * 100_000)
        assert until_closed(client).endswith(b"552 5.3.4 the mail is larger than 20000 bytes\r\n")
        assert running.counted("rejected") == 1


def data(mta: smtplib.SMTP, mail: bytes) -> int:
    """Send a mail and answer the code of the reply."""
    mta.ehlo_or_helo_if_needed()
    mta.mail(THEM)
    mta.rcpt(US)
    return mta.data(mail)[0]


def test_mails_under_way_share_a_bounded_memory(receiving: Receive) -> None:
    bounds = {"MAX_BYTES": "20000", "MAX_BYTES_IN_FLIGHT": "20000"}
    with receiving(**bounds) as running, running.client() as first, running.client() as second:
        first.ehlo()
        first.mail(THEM)
        first.rcpt(US)
        first.docmd("DATA")
        first.send(b"Subject: first\r\n\r\n" + b"0123456789\r\n" * 1_200)
        large = b"Subject: second\r\n\r\n" + b"x123456789\r\n" * 800
        wait_for("the first takes its part", lambda: data(second, large) == 451)
        first.send(b".\r\n")
        assert first.getreply()[0] == 250
        assert data(second, large) == 250
    assert (running.counted("full") or 0) >= 1


def test_a_dot_between_bare_line_feeds_smuggles_no_second_mail(receiving: Receive, client: redis.Redis) -> None:
    inner = f"MAIL FROM:<ceo@example.com>\r\nRCPT TO:<{ALSO_US}>\r\nDATA\r\nSubject: smuggled\r\n\r\npay"
    with receiving() as running, raw_client(running) as mta:
        mta.sendall(
            f"EHLO x\r\nMAIL FROM:<{THEM}>\r\nRCPT TO:<{US}>\r\nDATA\r\nSubject: first\r\n\r\nhello"
            f"\n.\n{inner}\n.\r\n{inner}\r\n.\r\nQUIT\r\n".encode()
        )
        until_closed(mta)
    assert read_totals(client).accepted == 1


def test_commands_without_bounds_are_refused(receiving: Receive) -> None:
    with receiving() as running, raw_client(running) as client:
        client.sendall(b"EHLO " + b"x" * 600 + b"\r\n" + b"N" * 200_000 + b"\r\nQUIT\r\n")
        assert until_closed(client).count(b"500 Command line too long") == 2


def test_one_connection_s_greeting_does_not_change_what_another_may_say(receiving: Receive) -> None:
    with receiving() as running, running.client() as mta:
        mta.ehlo()
        with running.client():
            sender = "x" * 470 + "@example.net"
            assert mta.docmd("MAIL", f"FROM:<{sender}> SIZE=1000 SMTPUTF8")[0] == 250


def test_a_client_that_only_chats_is_shown_out(receiving: Receive) -> None:
    with receiving() as running, raw_client(running) as client:
        client.sendall(b"NOOP\r\n" * 200)
        assert b"421 4.7.0 NOOP sent too many times" in until_closed(client)


def test_too_many_recipients_wait_for_the_next_mail(receiving: Receive) -> None:
    with receiving(RECIPIENTS="*@example.com") as running, running.client() as mta:
        refused = mta.sendmail(THEM, [f"box{n}@example.com" for n in range(1_002)], a_mail().as_bytes())
        assert [code for code, _ in refused.values()] == [452, 452]


def test_nobody_can_log_in(receiving: Receive) -> None:
    with receiving() as running, running.client() as mta:
        mta.ehlo()
        assert not mta.has_extn("auth")
        assert mta.docmd("AUTH", "PLAIN AGEAYg==")[0] == 502


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01" * 50, b"\r\n\r\n", b"RCPT TO:<\xff\r\n", b"\x00" * 70_000]
)
def test_garbage_harms_nobody_else(receiving: Receive, redis_url: str, garbage: bytes) -> None:
    with receiving() as running:
        with raw_client(running) as client:
            client.sendall(garbage)
        with running.client() as mta:
            mta.send_message(a_mail())
    assert len(accepted_bodies(redis_url)) == 1
