"""`triage ingest matrix` is killed in mid-stream, and loses its servers, on the double and on a real homeserver."""

import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.support.matrix_listening import EITHER, homeserver, settings_for
from tests.support.matrix_people import Homeserver, Person
from tests.support.producers import ProducerProcess, accepted_bodies, check_ledger, fragile_server, producer
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.acceptance, pytest.mark.timeout(300)]

KILLS, PER_KILL = 20, 25
QUICK = {"TRIAGE_CHAT_QUIET_S": "0.2", "TRIAGE_CHAT_LONGEST_S": "1"}
OUTAGE_S = 3.0

_WORD = re.compile(r"message-\d+\b")


@pytest.fixture(scope="module", params=EITHER)
def server(request: pytest.FixtureRequest) -> Iterator[Homeserver]:
    """A homeserver of either kind."""
    with homeserver(request.param) as made:
        yield made


@pytest.fixture
def url(client: redis.Redis, redis_url: str) -> str:
    """An empty ledger."""
    assert client.dbsize() == 0
    return redis_url


class Crowd:
    """Customers who write numbered messages to support, each into a room of their own."""

    def __init__(self, server: Homeserver, name: str, size: int = 3) -> None:
        self.support = server.register(f"support-{name}")
        self.said: list[str] = []
        self._rooms: list[tuple[Person, str]] = []
        for number in range(size):
            customer = server.register(f"customer-{name}-{number}")
            self._rooms.append((customer, customer.open_room(self.support)))
            self.support.join(self._rooms[-1][1])

    def say(self, count: int) -> None:
        """Write so many messages, the customers in turn."""
        for _ in range(count):
            text = f"message-{len(self.said):05}"
            customer, room = self._rooms[len(self.said) % len(self._rooms)]
            customer.say(room, text)
            self.said.append(text)


def heard(url: str) -> list[str]:
    """Which messages stand in the ledger's tickets; one that came twice stands there twice."""
    return sorted(word for body in accepted_bodies(url) for word in _WORD.findall(body))


def test_twenty_kills_lose_nothing_and_double_nothing(server: Homeserver, url: str, tmp_path: Path) -> None:
    crowd, chance = Crowd(server, "kills"), random.Random(7)
    with producer("matrix", tmp_path, url, **settings_for(server, crowd.support), **QUICK) as process:
        for _ in range(KILLS):
            writing = threading.Thread(target=crowd.say, args=(PER_KILL,))
            before = len(heard(url))
            writing.start()
            _kill_in_mid_stream(process, url, before + chance.randrange(PER_KILL))
            writing.join()
            process.start()
        wait_for("all is in", lambda: len(heard(url)) >= len(crowd.said), explain=process.tail)
        assert heard(url) == crowd.said
        assert process.terminate() == 0
    check_ledger(url)


def _kill_in_mid_stream(process: ProducerProcess, url: str, after: int) -> None:
    wait_for("messages go in", lambda: len(heard(url)) >= after, explain=process.tail)
    process.kill()


def test_a_ledger_that_is_away_leaves_the_messages_on_the_homeserver(server: Homeserver, tmp_path: Path) -> None:
    crowd = Crowd(server, "ledger")
    with (
        fragile_server(tmp_path) as outage,
        producer("matrix", tmp_path, outage.url, **settings_for(server, crowd.support), **QUICK) as process,
    ):
        crowd.say(10)
        wait_for("the first are in", lambda: heard(outage.url) == crowd.said, explain=process.tail)
        outage.begin()
        crowd.say(150)
        wait_for("it says so", lambda: process.get("/readyz")[0] == 503)
        threading.Event().wait(OUTAGE_S)
        outage.end()
        wait_for("it catches up", lambda: len(heard(outage.url)) >= len(crowd.said), explain=process.tail)
        assert heard(outage.url) == crowd.said
        assert process.terminate() == 0
        check_ledger(outage.url)


def test_a_full_ledger_takes_nothing_and_the_end_is_prompt(server: Homeserver, url: str, tmp_path: Path) -> None:
    crowd = Crowd(server, "full", size=1)
    full = {"TRIAGE_MAX_BACKLOG": "1", **QUICK}
    with producer("matrix", tmp_path, url, **settings_for(server, crowd.support), **full) as process:
        crowd.say(1)
        wait_for("one is in", lambda: heard(url) == crowd.said, explain=process.tail)
        crowd.say(5)
        wait_for("it is refused", lambda: 'result="full"} 0.0' not in process.get("/metrics")[1], explain=process.tail)
        assert heard(url) == crowd.said[:1]
        assert process.terminate() == 0
    with producer("matrix", tmp_path, url, **settings_for(server, crowd.support), **QUICK) as process:
        wait_for("the others are in", lambda: heard(url) == crowd.said, explain=process.tail)


def test_a_burst_is_one_ticket_and_edits_and_redactions_before_triage_change_it(
    server: Homeserver, url: str, tmp_path: Path
) -> None:
    crowd = Crowd(server, "edits", size=1)
    customer, room = crowd._rooms[0]
    calm = {"TRIAGE_CHAT_QUIET_S": "3", "TRIAGE_CHAT_LONGEST_S": "60"}
    with producer("matrix", tmp_path, url, **settings_for(server, crowd.support), **calm) as process:
        customer.say(room, "hello")
        wrong, gone = customer.say(room, "my invoce"), customer.say(room, "my password is 123")
        customer.edit(room, wrong, "my invioce")
        wait_for("it is a ticket", lambda: accepted_bodies(url), explain=process.tail)
        assert accepted_bodies(url) == ["hello\nmy invioce\nmy password is 123"]
        customer.edit(room, wrong, "my invoice")
        customer.redact(room, gone)
        wait_for("it is changed", lambda: accepted_bodies(url) == ["hello\nmy invoice"], explain=process.tail)
        assert process.terminate() == 0
