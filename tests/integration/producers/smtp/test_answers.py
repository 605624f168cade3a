"""What a sender is told, and when: 250 only for what the ledger holds."""

import asyncio
import base64
import logging
import smtplib
import threading
from typing import Any

import pytest
import redis

from fleet.ledger.audit import audit
from fleet.ledger.reading import read_ticket, read_totals
from producers.mail.message import read_mail
from producers.rejection import Rejected
from producers.smtp import delivery
from tests.integration.producers.smtp.conftest import ALSO_US, THEM, US, Receive, a_mail
from tests.support.producers import accepted_bodies
from tests.support.server import free_port

pytestmark = pytest.mark.integration


def test_a_mail_becomes_a_ticket_whose_id_is_told(receiving: Receive, client: redis.Redis) -> None:
    with receiving() as running, running.client() as mta:
        mta.ehlo()
        mta.mail(THEM)
        mta.rcpt(US)
        code, answer = mta.data(a_mail().as_bytes())
    assert code == 250
    record = read_ticket(client, answer.decode().split()[-1])
    assert record is not None
    assert record["state"] == "accepted"
    assert record["payload"]["body"] == "my card was charged twice"
    assert running.counted("accepted") == 1


def test_nothing_is_said_before_the_ledger_holds_the_mail(
    receiving: Receive, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_accept = threading.Event()
    with receiving() as running, running.client() as mta:
        accept = running.door.accept

        async def held(*args: Any, **named: Any) -> Any:
            await asyncio.to_thread(may_accept.wait, 20)
            return await accept(*args, **named)

        monkeypatch.setattr(running.door, "accept", held)
        mta.ehlo()
        mta.mail(THEM)
        mta.rcpt(US)
        mta.docmd("DATA")
        assert mta.sock is not None
        mta.send(a_mail().as_bytes().replace(b"\n", b"\r\n") + b".\r\n")
        mta.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            mta.sock.recv(1)
        assert read_totals(client).accepted == 0
        may_accept.set()
        mta.sock.settimeout(20)
        assert mta.sock.recv(3) == b"250"
        mta.close()
    assert read_totals(client).accepted == 1


def test_a_full_ledger_is_451_and_the_mail_comes_in_later(receiving: Receive, client: redis.Redis) -> None:
    with receiving(door={"max_backlog": 1}) as running, running.client() as mta:
        mta.send_message(a_mail("first", 1))
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.send_message(a_mail("second", 2))
        assert (caught.value.smtp_code, caught.value.smtp_error[:5]) == (451, b"4.3.1")
        client.flushall()
        mta.send_message(a_mail("second", 2))
    assert running.counted("full") == 1


def test_a_ledger_that_is_away_is_451(receiving: Receive) -> None:
    away = {"redis_url": f"redis://127.0.0.1:{free_port()}/0"}
    with receiving(door=away) as running, running.client() as mta:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.send_message(a_mail())
        assert caught.value.smtp_code == 451
        assert running.counted("unavailable") == 1


def test_a_mistake_of_ours_is_451_and_not_a_lost_mail(receiving: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(delivery, "read_mail", broken)
    with receiving() as running, running.client() as mta:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.send_message(a_mail())
        assert caught.value.smtp_code == 451
        assert b"a bug" not in caught.value.smtp_error


def test_the_same_mail_again_is_250_and_no_second_ticket(receiving: Receive, redis_url: str) -> None:
    with receiving() as running, running.client() as mta:
        mta.send_message(a_mail())
        mta.send_message(a_mail())
    assert running.counted("duplicate") == 1
    assert len(accepted_bodies(redis_url)) == 1


def test_a_mail_to_two_of_our_addresses_is_one_ticket(receiving: Receive, redis_url: str) -> None:
    with receiving() as running, running.client() as mta:
        mta.sendmail(THEM, [US, ALSO_US], a_mail().as_bytes())
        mta.sendmail(THEM, [ALSO_US], a_mail().as_bytes())  # a server may also split it
    assert len(accepted_bodies(redis_url)) == 1


def test_an_empty_mail_is_refused_with_the_reason(receiving: Receive, client: redis.Redis) -> None:
    with receiving() as running, running.client() as mta:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.sendmail(THEM, [US], b"\r\n \r\n")
        assert (caught.value.smtp_code, caught.value.smtp_error) == (554, b"5.6.0 the mail is empty")
    assert running.counted("rejected") == 1
    assert read_totals(client).accepted == 0


def test_what_is_no_ticket_is_kept_byte_for_byte(
    receiving: Receive, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "read_mail", lambda *_, **__: Rejected(1, "no mail of this world"))
    with receiving() as running, running.client() as mta:
        for _ in range(2):
            mta.ehlo()
            mta.mail(THEM)
            mta.rcpt(US)
            code, answer = mta.data(b"\x00\xff not a mail\r\n..\r\n")
            assert code == 250
    record = read_ticket(client, answer.decode().split()[-1])
    assert record is not None
    assert (record["state"], record["reason"], record["error"]) == ("parked", "not_a_ticket", "no mail of this world")
    assert base64.b64decode(record["raw"]) == b"\x00\xff not a mail\r\n..\r\n"
    assert (running.counted("parked"), running.counted("duplicate")) == (1, 1)
    assert audit(client) == []


def test_what_is_no_ticket_waits_outside_while_memory_is_short(
    receiving: Receive, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "read_mail", lambda *_, **__: Rejected(1, "no mail of this world"))
    with receiving(door={"memory_full_share": 0.5}) as running, running.client() as mta:
        running.door.pressure = type(running.door.pressure)(0.6)
        with pytest.raises(smtplib.SMTPDataError) as caught:
            mta.send_message(a_mail())
        assert caught.value.smtp_code == 451
    assert read_totals(client).accepted == 0


def test_an_id_that_comes_with_other_content_is_kept(
    receiving: Receive, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def under_one_key(raw: bytes, **named: Any) -> Any:
        found = read_mail(raw, **named)
        assert not isinstance(found, Rejected)
        return type(found)(found.ticket, "mail:the same")

    monkeypatch.setattr(delivery, "read_mail", under_one_key)
    with receiving() as running, running.client() as mta:
        mta.send_message(a_mail("first"))
        mta.send_message(a_mail("second"))
    assert (running.counted("conflict"), running.counted("parked")) == (1, 1)
    assert read_totals(client).accepted == 2


def test_the_reader_sees_the_envelope_s_sender(receiving: Receive, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def noting(raw: bytes, **named: Any) -> Any:
        seen.append(raw.splitlines()[0])
        return read_mail(raw, **named)

    monkeypatch.setattr(delivery, "read_mail", noting)
    with receiving() as running, running.client() as mta:
        mta.sendmail("", [US], a_mail("returned", 1).as_bytes())
        mta.sendmail(THEM, [US], a_mail("written", 2).as_bytes())
    assert seen == [b"Return-Path: <>", b"Return-Path: <ann@example.net>"]


def test_our_own_words_coming_back_are_known(receiving: Receive, client: redis.Redis) -> None:
    ours = a_mail("Thank you for your request.")
    ours.replace_header("From", "Support <Support@Example.com>")
    ours["X-Triage-Fleet"] = "1"
    with receiving(OWN="Support@example.com") as running, running.client() as mta:
        mta.ehlo()
        mta.mail(US)
        mta.rcpt(ALSO_US)
        answer = mta.data(ours.as_bytes())[1]
    record = read_ticket(client, answer.decode().split()[-1])
    assert record is not None
    assert record["payload"]["automated"] == "loop"


def test_neither_addresses_nor_text_are_logged(
    receiving: Receive, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), receiving() as running, running.client() as mta:
        mta.send_message(a_mail())
        mta.docmd("MAIL", f"FORM:<{THEM}>")
        mta.docmd(THEM)
    logged = caplog.text + "".join(capsys.readouterr())
    assert "accepted" in logged
    assert not any(secret in logged for secret in (THEM, US, "charged", "Invoice"))


def test_a_large_mail_is_read_beside_the_loop(
    receiving: Receive, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[str] = []

    def noting(raw: bytes, **named: Any) -> Any:
        readers.append(threading.current_thread().name)
        return read_mail(raw, **named)

    monkeypatch.setattr(delivery, "read_mail", noting)
    large = a_mail()
    large.add_attachment(b"x" * 500_000, maintype="application", subtype="octet-stream", filename="log.bin")
    with receiving() as running, running.client() as mta:
        mta.send_message(large)
        mta.send_message(a_mail("small", 2))
    assert readers[0].startswith("mail")
    assert not readers[1].startswith("mail")
    assert len(accepted_bodies(redis_url)) == 2
