"""`triage ingest imap` on a real mailbox: killed again and again, and without its ledger for a while."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.servers.dovecot import Dovecot, dovecot
from tests.support.mailbox import TAKEN, a_mail
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS = 20
PACE_S = 0.02


class Stream(threading.Thread):
    """Customers who write all the time."""

    def __init__(self, server: Dovecot) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._enough = threading.Event()
        self.delivered: list[str] = []

    def run(self) -> None:
        with self._server.client() as client:
            while not self._enough.wait(PACE_S):
                name = f"m{len(self.delivered):05}"
                client.append("INBOX", a_mail(name))
                self.delivered.append(name)

    def end(self) -> list[str]:
        self._enough.set()
        self.join(timeout=60)
        return self.delivered


@contextmanager
def streaming(server: Dovecot) -> Iterator[Stream]:
    stream = Stream(server)
    stream.start()
    try:
        yield stream
    finally:
        stream.end()


def kill_in_the_middle(process: ProducerProcess, client: redis.Redis, more: int) -> None:
    goal = read_totals(client).accepted + more
    while read_totals(client).accepted < goal:
        assert process.process is not None
        assert process.process.poll() is None, process.tail()
    process.kill()


def all_are_marked(server: Dovecot) -> bool:
    return all(flags == TAKEN for flags in server.flags())


def test_twenty_kills_lose_no_mail_and_make_none_twice(client: redis.Redis, redis_url: str, tmp_path: Path) -> None:
    chance = random.Random(4)
    caught_before_the_mark = 0
    with dovecot() as server, producer("imap", tmp_path, redis_url, **server.settings()) as process:
        with streaming(server) as stream:
            for _ in range(KILLS):
                kill_in_the_middle(process, client, chance.randint(1, 20))
                marked = server.flags().count(TAKEN)
                caught_before_the_mark += read_totals(client).accepted > marked
                process.start()
            delivered = stream.end()
        wait_for("all mail is marked", lambda: all_are_marked(server), explain=process.tail)
        assert process.terminate() == 0
    assert caught_before_the_mark
    assert accepted_bodies(redis_url) == delivered
    check_ledger(redis_url)


def test_without_the_ledger_no_mail_is_marked_and_all_is_caught_up_with(tmp_path: Path) -> None:
    with dovecot() as server, fragile_server(tmp_path) as outage:
        with producer("imap", tmp_path, outage.url, **server.settings()) as process:
            server.deliver(a_mail("m0"))
            wait_for("the first is marked", lambda: server.flags() == [TAKEN], explain=process.tail)
            outage.begin()
            server.deliver(*(a_mail(f"m{n}") for n in range(1, 6)))
            wait_for("it says so", lambda: "unmarked" in process.get("/readyz")[1], explain=process.tail)
            assert server.flags() == [TAKEN] + [set()] * 5
            outage.end()
            wait_for("all mail is marked", lambda: all_are_marked(server), explain=process.tail)
            assert process.terminate() == 0
        assert accepted_bodies(outage.url) == [f"m{n}" for n in range(6)]
        check_ledger(outage.url)
