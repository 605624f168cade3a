"""`triage ingest smtp` is killed in mid-stream, and loses its ledger, while mail servers deliver."""

import queue
import random
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 15
SENDERS = 4
OUTAGE_S = 3.0
US = "support@example.com"
RETRY_S = 0.02


@dataclass
class Mtas:
    """Mail servers: each takes a mail of the queue and sends it until it is told 250."""

    port: int
    sent: list[str] = field(default_factory=list)
    told_250: list[str] = field(default_factory=list)
    told_451: list[int] = field(default_factory=list)
    told_other: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _queue: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def submit(self, count: int) -> None:
        """Take mails to deliver."""
        for number in range(len(self.sent), len(self.sent) + count):
            self.sent.append(f"request {number}")
            self._queue.put(self.sent[-1])

    def work(self) -> None:
        """Be one of them."""
        while not self.stop.is_set():
            try:
                body = self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
            while not self._delivered(body) and not self.stop.wait(RETRY_S):
                pass

    def _delivered(self, body: str) -> bool:
        mail = f"From: ann@example.net\r\nTo: {US}\r\nMessage-ID: <{body.replace(' ', '.')}@x>\r\n\r\n{body}\r\n"
        try:
            with smtplib.SMTP("127.0.0.1", self.port, "mta.test", timeout=30) as client:
                client.sendmail("ann@example.net", [US], mail)
        except smtplib.SMTPResponseException as error:
            told = self.told_451 if error.smtp_code == 451 else self.told_other
            told.append(error.smtp_code)
            return False
        except (smtplib.SMTPException, OSError):  # killed in mid-mail, or not there
            return False
        self.told_250.append(body)
        return True


@contextmanager
def mail_servers(port: int) -> Iterator[Mtas]:
    servers = Mtas(port)
    threads = [threading.Thread(target=servers.work) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield servers
    finally:
        servers.stop.set()
        for thread in threads:
            thread.join()


def settings(port: int) -> dict[str, str]:
    return {"TRIAGE_SMTP_LISTEN": f"127.0.0.1:{port}", "TRIAGE_SMTP_RECIPIENTS": US}


def test_twenty_kills_lose_nothing_and_double_nothing(client: redis.Redis, redis_url: str, tmp_path: Path) -> None:
    port, chance = free_port(), random.Random(4)
    with producer("smtp", tmp_path, redis_url, **settings(port)) as process, mail_servers(port) as mtas:
        for kill in range(KILLS):
            mtas.submit(PER_KILL)
            _kill_in_mid_stream(process, client, kill * PER_KILL + chance.randrange(PER_KILL - SENDERS))
            process.start()
        wait_for("all are told 250", lambda: len(mtas.told_250) == len(mtas.sent), explain=process.tail)
        assert accepted_bodies(redis_url) == sorted(mtas.sent) == sorted(mtas.told_250)
        assert process.terminate() == 0
    check_ledger(redis_url)


def _kill_in_mid_stream(process: ProducerProcess, client: redis.Redis, after: int) -> None:
    wait_for("mail goes in", lambda: read_totals(client).accepted > after, explain=process.tail)
    process.kill()


def test_while_the_ledger_is_away_nobody_is_told_250_and_all_comes_in_later(tmp_path: Path) -> None:
    port = free_port()
    with (
        fragile_server(tmp_path) as outage,
        producer("smtp", tmp_path, outage.url, **settings(port)) as process,
        mail_servers(port) as mtas,
    ):
        mtas.submit(50)
        wait_for("mail goes in", lambda: len(mtas.told_250) > 10, explain=process.tail)
        outage.begin()
        mtas.submit(50)
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        # An answer from before may still be on its way; after so many others it is not.
        wait_for("all are told to wait", lambda: len(mtas.told_451) > 5 * SENDERS, explain=process.tail)
        before = len(mtas.told_250)
        threading.Event().wait(OUTAGE_S)
        assert len(mtas.told_250) == before < len(mtas.sent)
        outage.end()
        wait_for("all come in", lambda: len(mtas.told_250) == len(mtas.sent), explain=process.tail)
        assert mtas.told_other == []
        assert accepted_bodies(outage.url) == sorted(mtas.sent)
        assert process.terminate() == 0
        check_ledger(outage.url)
