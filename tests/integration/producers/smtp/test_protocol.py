"""The protocols themselves: TLS, LMTP, letters of all sorts, time-outs, and the end."""

import smtplib
import socket
import ssl
from pathlib import Path

import pytest
import redis
import trustme

from fleet.ledger.reading import read_totals
from tests.integration.producers.smtp.conftest import ALSO_US, THEM, US, Receive, Receiving, a_mail
from tests.support.producers import accepted_bodies
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration

AUTHORITY = trustme.CA()


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    made = AUTHORITY.issue_cert("localhost")
    made.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    made.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    return {"CERT_FILE": str(tmp_path / "cert.pem"), "KEY_FILE": str(tmp_path / "key.pem")}


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def tls_client(running: Receiving) -> smtplib.SMTP:
    return smtplib.SMTP("localhost", running.port, timeout=20)


def begin_data(mta: smtplib.SMTP) -> None:
    mta.ehlo()
    mta.mail(THEM)
    mta.rcpt(US)
    assert mta.docmd("DATA")[0] == 354


def test_mail_comes_over_tls(receiving: Receive, tls: dict[str, str], redis_url: str) -> None:
    with receiving(REQUIRE_TLS="true", **tls) as running, tls_client(running) as mta:
        mta.starttls(context=trusting())
        mta.ehlo()
        assert not mta.has_extn("auth")
        assert mta.docmd("STARTTLS")[0] == 503
        large = a_mail()
        large.add_attachment(b"x" * 300_000, maintype="application", subtype="octet-stream", filename="log.bin")
        mta.send_message(large)
    assert accepted_bodies(redis_url) == ["my card was charged twice"]


def test_mail_without_tls_is_refused_where_tls_is_needed(receiving: Receive, tls: dict[str, str]) -> None:
    with receiving(REQUIRE_TLS="true", **tls) as running, tls_client(running) as mta:
        mta.ehlo()
        assert mta.mail(THEM)[0] == 530
        assert mta.rcpt(US)[0] == 503
        assert running.refused("missing") == 1


def test_what_was_said_in_the_clear_does_not_count_after_starttls(receiving: Receive, tls: dict[str, str]) -> None:
    with receiving(**tls) as running, tls_client(running) as mta:
        mta.ehlo()
        plain = mta.sock
        assert plain is not None
        mta.send(b"STARTTLS\r\nEHLO injected\r\n")
        assert mta.getreply()[0] == 220
        with trusting().wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(f"MAIL FROM:<{THEM}>\r\n".encode())
            assert secure.recv(1000).startswith(b"503")
        mta.close()


def test_a_client_that_breaks_off_the_handshake_harms_nobody(receiving: Receive, tls: dict[str, str]) -> None:
    with receiving(**tls) as running:
        with socket.create_connection(("localhost", running.port), timeout=20) as plain:
            plain.recv(1000)
            plain.sendall(b"STARTTLS\r\n")
            plain.recv(1000)
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            plain.recv(1000)
        with running.client() as mta:
            mta.send_message(a_mail())


def test_a_handshake_that_is_never_begun_does_not_hold_up_the_end(receiving: Receive, tls: dict[str, str]) -> None:
    with receiving(**tls) as running, socket.create_connection(("localhost", running.port), timeout=20) as plain:
        plain.recv(1000)
        plain.sendall(b"STARTTLS\r\n")
        plain.recv(1000)
        running.stop()
        running.ended()


def lmtp_replies(mta: smtplib.SMTP, count: int) -> list[int]:
    return [mta.getreply()[0] for _ in range(count)]


def test_lmtp_answers_for_each_recipient(receiving: Receive, redis_url: str) -> None:
    with (
        receiving(PROTOCOL="lmtp", MAX_BYTES="2000") as running,
        smtplib.LMTP("127.0.0.1", running.port, "mta.test", timeout=20) as mta,
    ):
        for body, code in ((b"hello\r\n", 250), (b"0123456789\r\n" * 300, 552), (b"again\r\n", 250)):
            mta.ehlo()
            mta.mail(THEM)
            assert [mta.rcpt(one)[0] for one in (US, "nobody@example.com", ALSO_US)] == [250, 550, 250]
            mta.docmd("DATA")
            mta.send(b"Subject: x\r\n\r\n" + body + b".\r\n")
            assert lmtp_replies(mta, 2) == [code, code]
        assert mta.docmd("NOOP")[0] == 250  # and nothing more was said
        assert mta.docmd("HELO", "mta.test")[0] == 500
    assert len(accepted_bodies(redis_url)) == 2


def test_lmtp_comes_over_a_unix_socket_too(receiving: Receive, redis_url: str, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with receiving(PROTOCOL="lmtp", LISTEN=f"unix:{path}", PEERS="10.0.0.0/8"):
        with smtplib.LMTP(str(path), local_hostname="mta.test") as mta:
            mta.sendmail(THEM, [US], a_mail().as_bytes())
        assert path.stat().st_mode & 0o777 == 0o666
    assert len(accepted_bodies(redis_url)) == 1


def test_lmtp_can_ask_for_tls(receiving: Receive, tls: dict[str, str], redis_url: str) -> None:
    with (
        receiving(PROTOCOL="lmtp", REQUIRE_TLS="true", **tls) as running,
        smtplib.LMTP("localhost", running.port, timeout=20) as mta,
    ):
        mta.ehlo()
        assert mta.mail(THEM)[0] == 530
        mta.starttls(context=trusting())
        mta.sendmail(THEM, [US], a_mail().as_bytes())
    assert len(accepted_bodies(redis_url)) == 1


def test_letters_and_lines_of_all_sorts_come_through(receiving: Receive, redis_url: str) -> None:
    body = "Grüße aus Köln\r\n.\r\n..\r\n" + "lang " * 20_000
    raw = f"Message-ID: <1@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()
    with receiving(RECIPIENTS="hilfe@köln.example") as running, running.client() as mta:
        mta.sendmail("käthe@köln.example", ["hilfe@köln.example"], raw, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    (found,) = accepted_bodies(redis_url)
    assert "Grüße aus Köln\n.\n..\nlang lang" in found.replace("\r\n", "\n")


def test_several_commands_may_come_in_one_packet(receiving: Receive, client: redis.Redis) -> None:
    with receiving() as running, socket.create_connection(("127.0.0.1", running.port), timeout=20) as mta:
        mails = "".join(
            f"MAIL FROM:<{THEM}>\r\nRCPT TO:<{US}>\r\nDATA\r\nSubject: {n}\r\n\r\nbody {n}\r\n.\r\n" for n in range(3)
        )
        mta.sendall(f"EHLO x\r\n{mails}QUIT\r\n".encode())
        said = b""
        while more := mta.recv(65_536):
            said += more
    assert said.count(b"\r\n250 2.0.0 accepted as") == 3
    assert said.endswith(b"221 Bye\r\n")
    assert read_totals(client).accepted == 3


def test_a_silent_client_is_shown_out(receiving: Receive) -> None:
    with receiving(TIMEOUT_S="0.3") as running, running.client() as mta:
        assert mta.getreply()[0] == 421


def test_a_client_that_drips_is_shown_out(receiving: Receive, client: redis.Redis) -> None:
    with receiving(TIMEOUT_S="0.5") as running, running.client() as mta:
        begin_data(mta)
        assert mta.sock is not None
        mta.sock.settimeout(0.05)
        said = b""
        while not said:
            mta.send(b"x\r\n")
            try:
                said = mta.sock.recv(1000)
            except TimeoutError:
                continue
        assert said.startswith(b"421 4.4.2")
        mta.close()
    assert read_totals(client).accepted == 0


def test_a_client_that_goes_away_in_mid_mail_leaves_nothing(receiving: Receive, client: redis.Redis) -> None:
    with receiving() as running:
        mta = running.client()
        begin_data(mta)
        mta.send(b"Subject: half\r\n\r\nthe rest is")
        mta.close()
        with running.client() as other:
            other.send_message(a_mail())
    assert read_totals(client).accepted == 1


def test_the_end_waits_for_the_mail_under_way_and_sends_the_idle_away(receiving: Receive, client: redis.Redis) -> None:
    with receiving() as running:
        idle, busy = running.client(), running.client()
        idle.ehlo()
        begin_data(busy)
        busy.send(b"Subject: last\r\n\r\nthe la")
        running.stop()
        assert idle.getreply()[0] == 421
        wait_for("nobody is let in any more", lambda: not _is_open(running.port))
        assert running.thread.is_alive()
        busy.send(b"st mail\r\n.\r\n")
        assert busy.getreply()[0] == 250
        assert busy.getreply()[0] == 421
        running.ended()
        idle.close()
        busy.close()
    assert read_totals(client).accepted == 1


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
