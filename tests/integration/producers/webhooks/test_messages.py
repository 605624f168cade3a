"""Chat messages, signed and not, against the real application, real bursts and a real ledger."""

from collections.abc import Callable
from typing import Any

import pytest
import redis

from producers.intake.pressure import Pressure
from tests.integration.producers.conftest import OpenDoor
from tests.servers.webhook_sender import Request, created, message
from tests.support.chat import end_all
from tests.support.producers import accepted_bodies
from tests.support.server import free_port
from tests.support.webhooks import Answer, Site, on_site

pytestmark = pytest.mark.integration


def event(kind: str, number: int = 1, **data: Any) -> dict[str, Any]:
    return {"type": f"message.{kind}", "data": {"id": f"m{number}", "conversation": "room"} | data}


async def post_all(site: Site, *requests: Request) -> list[Answer]:
    return [await site.post(request) for request in requests]


def tickets_of(open_door: OpenDoor, client: redis.Redis, redis_url: str, *requests: Request) -> list[str]:
    async def work(site: Site) -> None:
        answers = await post_all(site, *requests)
        assert [answer.status for answer in answers] == [200] * len(requests)
        end_all(client)
        await site.bursts.close_due()

    on_site(open_door, work)
    return accepted_bodies(redis_url)


def test_a_signed_message_becomes_a_ticket(open_door: OpenDoor, client: redis.Redis, redis_url: str) -> None:
    one = message(created(subject="Charged twice", attachments=["a.png", {"name": "b.png", "size": 5}]))
    assert tickets_of(open_door, client, redis_url, one) == ["Charged twice\nHello"]


def test_messages_of_one_person_are_one_ticket(open_door: OpenDoor, client: redis.Redis, redis_url: str) -> None:
    both = [message(created(number, text, author="ann")) for number, text in ((1, "first"), (2, "second"))]
    assert tickets_of(open_door, client, redis_url, *both) == ["first\nsecond"]


def test_edits_and_deletions_before_the_end_are_honoured(
    open_door: OpenDoor, client: redis.Redis, redis_url: str
) -> None:
    said = [message(created(number, f"text {number}", author="ann")) for number in (1, 2, 3)]
    changes = [message(event("edited", 1, text="better")), message(event("deleted", 2))]
    assert tickets_of(open_door, client, redis_url, *said, *changes) == ["better\ntext 3"]


def test_bots_and_strange_events_are_ignored(open_door: OpenDoor, client: redis.Redis, redis_url: str) -> None:
    strange = {"type": "channel.created", "data": {}}
    assert tickets_of(open_door, client, redis_url, message(created(is_bot=True)), message(strange)) == []


def test_the_same_id_again_is_a_duplicate(open_door: OpenDoor, client: redis.Redis, redis_url: str) -> None:
    async def work(site: Site) -> None:
        answers = await post_all(site, *[message(created(), name="msg_1") for _ in range(2)])
        assert [answer.json["result"] for answer in answers] == ["accepted", "duplicate"]
        assert site.counted("duplicate") == 1
        end_all(client)
        await site.bursts.close_due()

    on_site(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_an_old_edit_that_comes_again_does_not_undo_a_newer_one(
    open_door: OpenDoor, client: redis.Redis, redis_url: str
) -> None:
    old, new = message(event("edited", text="old")), message(event("edited", text="new"))
    assert tickets_of(open_door, client, redis_url, message(created()), old, new, old) == ["new"]


def test_the_same_id_with_another_body_is_a_conflict(open_door: OpenDoor, client: redis.Redis, redis_url: str) -> None:
    async def work(site: Site) -> None:
        first, other = message(created(), name="msg_1"), message(created(2, "other"), name="msg_1")
        answers = await post_all(site, first, other)
        assert [answer.status for answer in answers] == [200, 409]
        assert site.counted("conflict") == 1
        end_all(client)
        await site.bursts.close_due()

    on_site(open_door, work)
    assert accepted_bodies(redis_url) == ["Hello"]


def test_an_id_whose_message_was_not_taken_in_may_come_again(open_door: OpenDoor) -> None:
    async def work(site: Site) -> list[int]:
        site.door.pressure = Pressure(1.0)
        full = await site.post(message(created(), name="msg_1"))
        assert int(full.headers["retry-after"]) >= 1
        site.door.pressure = Pressure(0.0)
        return [full.status, (await site.post(message(created(), name="msg_1"))).status]

    assert on_site(open_door, work) == [503, 200]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: message(created()).without("webhook-signature"), "missing"),
        (lambda: message(created(), key="whsec_b3RoZXI="), "signature"),
        (lambda: message(created(), at=1_000_000_000), "stale"),
    ],
)
def test_what_is_not_signed_now_is_401_counted_and_nothing_else(
    open_door: OpenDoor, client: redis.Redis, make: Callable[[], Request], reason: str
) -> None:
    async def work(site: Site) -> None:
        assert (await site.post(make())).status == 401
        assert site.refused(reason) == 1

    on_site(open_door, work)
    assert client.dbsize() == 0


def test_a_replay_after_the_window_is_stale(open_door: OpenDoor) -> None:
    async def work(site: Site) -> None:
        request = message(created())
        assert (await site.post(request)).status == 200
        site.now += 301
        assert (await site.post(request)).status == 401
        assert site.refused("stale") == 1

    on_site(open_door, work)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{}", "type"),
        (b"[]", "object"),
        (b"{", "JSON"),
        (b'{"type": "message.created", "data": {"conversation": "c"}}', "data.id"),
        (b'{"type": "message.created", "data": {"id": "m", "conversation": "c", "sent_at": "now"}}', "sent_at"),
        (b'{"type": "message.deleted", "data": {"id": "", "conversation": "c"}}', "data.id"),
    ],
)
def test_a_message_that_is_wrong_is_told_why(open_door: OpenDoor, client: redis.Redis, body: bytes, named: str) -> None:
    async def work(site: Site) -> Answer:
        answer = await site.post(message(body))
        assert site.counted("rejected") == 1
        return answer

    answer: Answer = on_site(open_door, work)
    assert answer.status == 422
    assert named in answer.json["error"]["message"]
    assert client.dbsize() == 0


def test_without_a_secret_nobody_is_there(open_door: OpenDoor) -> None:
    answer: Answer = on_site(open_door, lambda site: site.post(message(created())), own={"messages_key": None})
    assert answer.status == 404


def test_while_the_ledger_is_away_nothing_is_taken(open_door: OpenDoor) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    assert on_site(open_door, lambda site: site.post(message(created())), redis_url=url).status == 503
