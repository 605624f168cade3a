"""Homeserver or ledger away, for short or long: nothing is lost, and the status says why."""

import pytest
import redis

from fleet.errors import LedgerFullError
from tests.integration.producers.matrix.conftest import Scene
from tests.support.matrix_listening import Heard, listening

pytestmark = [pytest.mark.integration]

MORE_THAN_A_BATCH = 230


def test_what_is_said_while_nobody_listens_is_read_afterwards(scene: Scene, url: str) -> None:
    heard = Heard()
    with listening(url, scene.server, scene.support, heard) as it:
        it.until_up()
        scene.customer.say(scene.room, "before")
        it.until_heard("before")
    texts = [f"meanwhile {number}" for number in range(MORE_THAN_A_BATCH)]
    for text in texts:
        scene.customer.say(scene.room, text)
    with listening(url, scene.server, scene.support, heard) as it:
        it.until_heard("before", *texts)


def test_a_gap_holds_also_what_was_edited_taken_back_and_said_before_we_were_thrown_out(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
    gone = scene.customer.say(scene.room, "gone")
    kept = scene.customer.say(scene.room, "wrogn")
    scene.customer.edit(scene.room, kept, "right")
    scene.customer.redact(scene.room, gone)
    for number in range(MORE_THAN_A_BATCH):
        scene.customer.send(scene.room, {"msgtype": "m.notice", "body": str(number)})
    scene.customer.say(scene.room, "last words")
    scene.customer.kick(scene.room, scene.support)
    with listening(url, scene.server, scene.support) as it:
        it.until_heard("right", "last words")


def test_a_homeserver_that_restarts_is_read_on(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        scene.customer.say(scene.room, "before")
        it.until_heard("before")
        scene.server.stop()
        it.until_down("the homeserver")
        scene.server.start()
        scene.customer.say(scene.room, "after")
        it.until_heard("before", "after")
        it.until_up()


def test_while_the_ledger_is_full_the_position_stays_and_the_messages_wait(
    scene: Scene, url: str, client: redis.Redis
) -> None:
    heard = Heard()
    position = f"tf:matrix:{scene.support.id}:since"
    with listening(url, scene.server, scene.support, heard) as it:
        it.until_up()
        it.until("the position is kept", lambda: client.get(position))
        before = client.get(position)
        heard.error = LedgerFullError("1 ticket waits", retry_after_s=0.05)
        scene.customer.say(scene.room, "one")
        scene.customer.say(scene.room, "two")
        it.until_down("messages wait on the homeserver: 1 ticket waits")
        it.until("it has tried again", lambda: heard.calls > 2)
        assert client.get(position) == before
    heard.error = None
    with listening(url, scene.server, scene.support, heard) as it:
        it.until_heard("one", "two")
        it.until("the position moves on", lambda: client.get(position) != before)


def test_an_end_in_the_middle_of_a_long_poll_is_prompt(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support, poll_s="300") as it:
        it.until_up()
        scene.customer.say(scene.room, "and now silence")
        it.until_heard("and now silence")
