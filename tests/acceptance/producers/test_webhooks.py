"""`triage ingest webhooks` is killed in mid-stream, and loses its ledger, while providers and chats post."""

import queue
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from fleet.ledger.reading import read_totals
from tests.servers.webhook_sender import (
    SETTINGS,
    Mail,
    Request,
    cloudmailin,
    created,
    mailgun,
    mandrill,
    message,
    post,
    postmark,
    sendgrid,
)
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 18
SENDERS = 4
OUTAGE_S = 3.0
RETRY_S = 0.02
UNHEARD, LATER, TAKEN = 0, 503, 200


def request_of(number: int) -> Request:
    """Make one anew, as each try is signed anew; six kinds take turns."""
    mail = Mail(text=f"request {number}", message_id=f"<m{number}@example.net>")
    said = created(number, f"request {number}")
    makers: list[Callable[[], Request]] = [
        lambda: postmark(mail),
        lambda: mailgun(mail),
        lambda: mandrill(mail),
        lambda: sendgrid(mail, is_raw=True),
        lambda: cloudmailin(mail, "multipart"),
        lambda: message(said, name=f"msg_{number}"),
    ]
    return makers[number % len(makers)]()


@dataclass
class Posters:
    """Those who post: each takes a number of the queue and posts it until it is told 200."""

    base: str
    sent: list[int] = field(default_factory=list)
    told: dict[int, list[int]] = field(default_factory=lambda: {TAKEN: [], LATER: []})
    told_other: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    _queue: "queue.Queue[int]" = field(default_factory=queue.Queue)

    def submit(self, count: int) -> None:
        """Have so many more posted."""
        for number in range(len(self.sent), len(self.sent) + count):
            self.sent.append(number)
            self._queue.put(number)

    def work(self) -> None:
        """Be one of them."""
        while not self.stop.is_set():
            try:
                number = self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
            while not self._is_taken(number) and not self.stop.wait(RETRY_S):
                pass

    def _is_taken(self, number: int) -> bool:
        status, _ = post(self.base, request_of(number))
        if status in self.told:
            self.told[status].append(number)
        elif status != UNHEARD:  # killed in mid-request, or not there
            self.told_other.append(status)
        return status == TAKEN

    @property
    def are_done(self) -> bool:
        """Whether all is taken, as far as they were told."""
        return len(self.told[TAKEN]) == len(self.sent)

    @property
    def bodies(self) -> list[str]:
        """The tickets that there have to be."""
        return sorted(f"request {number}" for number in self.sent)


@contextmanager
def posters(port: int) -> Iterator[Posters]:
    made = Posters(f"http://127.0.0.1:{port}")
    threads = [threading.Thread(target=made.work) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.stop.set()
        for thread in threads:
            thread.join()


def settings(port: int) -> dict[str, str]:
    own = {f"TRIAGE_WEBHOOKS_{name.upper()}": value for name, value in SETTINGS.items()}
    own["TRIAGE_WEBHOOKS_LISTEN"] = f"127.0.0.1:{port}"
    return own | {"TRIAGE_CHAT_QUIET_S": "0.05", "TRIAGE_CHAT_LONGEST_S": "0.2"}


def test_twenty_kills_lose_nothing_and_double_nothing(client: redis.Redis, redis_url: str, tmp_path: Path) -> None:
    port, chance = free_port(), random.Random(4)
    with producer("webhooks", tmp_path, redis_url, **settings(port)) as process, posters(port) as people:
        for kill in range(KILLS):
            people.submit(PER_KILL)
            _kill_in_mid_stream(process, client, kill * PER_KILL + chance.randrange(PER_KILL // 2))
            process.start()
        wait_for("all are told 200", lambda: people.are_done, explain=process.tail)
        wait_for("all are tickets", lambda: len(accepted_bodies(redis_url)) >= len(people.sent), explain=process.tail)
        assert accepted_bodies(redis_url) == people.bodies
        assert people.told_other == []
        assert process.terminate() == 0
    check_ledger(redis_url)


def _kill_in_mid_stream(process: ProducerProcess, client: redis.Redis, after: int) -> None:
    wait_for("messages go in", lambda: read_totals(client).accepted > after, explain=process.tail)
    process.kill()


def test_while_the_ledger_is_away_nobody_is_told_200_and_all_comes_in_later(tmp_path: Path) -> None:
    port = free_port()
    with (
        fragile_server(tmp_path) as outage,
        producer("webhooks", tmp_path, outage.url, **settings(port)) as process,
        posters(port) as people,
    ):
        people.submit(50)
        wait_for("messages go in", lambda: len(people.told[TAKEN]) > 10, explain=process.tail)
        outage.begin()
        people.submit(50)
        wait_for("it says so", lambda: process.get("/readyz")[0] == LATER)
        # An answer from before may still be on its way; after so many others it is not.
        wait_for("all are told to wait", lambda: len(people.told[LATER]) > 5 * SENDERS, explain=process.tail)
        before = len(people.told[TAKEN])
        threading.Event().wait(OUTAGE_S)
        assert len(people.told[TAKEN]) == before < len(people.sent)
        outage.end()
        wait_for("all come in", lambda: people.are_done, explain=process.tail)
        wait_for("all are tickets", lambda: len(accepted_bodies(outage.url)) >= len(people.sent), explain=process.tail)
        assert accepted_bodies(outage.url) == people.bodies
        assert people.told_other == []
        assert process.terminate() == 0
        check_ledger(outage.url)


def test_requests_under_way_have_their_answer_when_it_is_told_to_stop(
    client: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    assert client.dbsize() == 0
    port = free_port()
    with producer("webhooks", tmp_path, redis_url, **settings(port)) as process, posters(port) as people:
        people.submit(60)
        wait_for("messages go in", lambda: len(people.told[TAKEN]) > 5, explain=process.tail)
        assert process.terminate() == 0
        people.stop.set()
        mails = [number for number in people.told[TAKEN] if "message" not in request_of(number).path]
        assert {f"request {number}" for number in mails} <= set(accepted_bodies(redis_url))
        process.start()
        process.wait_ready()
        wait_for("its messages too", lambda: len(accepted_bodies(redis_url)) >= len(people.told[TAKEN]))
    check_ledger(redis_url)


def test_a_body_over_the_bound_is_told_so(client: redis.Redis, redis_url: str, tmp_path: Path) -> None:
    port = free_port()
    own = settings(port) | {"TRIAGE_WEBHOOKS_MAX_BYTES": "2048"}
    with producer("webhooks", tmp_path, redis_url, **own):
        assert post(f"http://127.0.0.1:{port}", postmark(Mail(text="x" * 4096)))[0] == 413
        assert post(f"http://127.0.0.1:{port}", postmark(Mail()))[0] == TAKEN
    assert read_totals(client).accepted == 1
