"""A homeserver that says no, or answers what no homeserver should: waited for, told, and never the end."""

import base64
import time
from collections.abc import Callable

import pytest
import redis

from fleet.errors import ConfigurationError
from tests.integration.producers.matrix.conftest import Scene, set_scene
from tests.support.homeserver import Answer, FakeHomeserver
from tests.support.matrix_listening import listening
from tests.support.matrix_people import PASSWORD

pytestmark = [pytest.mark.integration]


@pytest.fixture
def scene(double: FakeHomeserver) -> Scene:
    double.fault, double.broken, double.is_careless = (lambda _path: None), [], False
    return set_scene(double)


def failing(part: str, answer: Answer, times: int = 1) -> Callable[[str], Answer | None]:
    """Answer this so many times where the path has this part."""
    left = [answer] * times
    return lambda path: left.pop() if part in path and left else None


def test_a_rate_limit_is_kept(double: FakeHomeserver, scene: Scene, url: str) -> None:
    asked_at: list[float] = []

    def fault(path: str) -> Answer | None:
        if path != "/sync":
            return None
        asked_at.append(time.monotonic())
        if len(asked_at) > 1:
            return None
        return 429, {"errcode": "M_LIMIT_EXCEEDED", "error": "slower", "retry_after_ms": 1_500}

    double.fault = fault
    with listening(url, double, scene.support) as it:
        it.until_down("the homeserver limits our rate")
        it.until_up()
    assert asked_at[1] - asked_at[0] >= 1.5


def test_a_token_that_is_no_longer_good_is_told(double: FakeHomeserver, scene: Scene, url: str) -> None:
    double.fault = failing("/sync", (401, {"errcode": "M_UNKNOWN_TOKEN", "error": "no"}))
    with listening(url, double, scene.support) as it:
        it.until_down("check TRIAGE_MATRIX_ACCESS_TOKEN")


def test_somebody_elses_token_is_a_mistake_of_the_settings(double: FakeHomeserver, scene: Scene, url: str) -> None:
    with listening(url, double, scene.support, user_id=scene.customer.id) as it:
        it.until_failed(ConfigurationError, "TRIAGE_MATRIX_USER_ID")


def test_a_password_logs_in(scene: Scene, url: str, double: FakeHomeserver) -> None:
    with listening(url, double, scene.support, access_token="", password=PASSWORD) as it:
        it.until_up()
        scene.customer.say(scene.room, "hello")
        it.until_heard("hello")


def test_a_wrong_password_is_told(double: FakeHomeserver, scene: Scene, url: str) -> None:
    double.fault = failing("/login", (403, {"errcode": "M_FORBIDDEN", "error": "Invalid password"}))
    with listening(url, double, scene.support, access_token="", password="wrong") as it:
        it.until_down("check TRIAGE_MATRIX_USER_ID and TRIAGE_MATRIX_PASSWORD")


def test_an_alias_that_nobody_knows_is_told(double: FakeHomeserver, scene: Scene, url: str) -> None:
    with listening(url, double, scene.support, rooms="#nowhere:localhost") as it:
        it.until_down("TRIAGE_MATRIX_ROOMS: #nowhere:localhost is not found")


def test_a_position_that_the_homeserver_does_not_know_is_told_with_its_key(
    double: FakeHomeserver, scene: Scene, url: str, client: redis.Redis
) -> None:
    client.set(f"tf:matrix:{scene.support.id}:since", "s0")
    double.fault = failing("/sync", (400, {"errcode": "M_INVALID_PARAM", "error": "no such token"}))
    with listening(url, double, scene.support) as it:
        it.until_down(f"remove tf:matrix:{scene.support.id}:since")


@pytest.mark.parametrize("answer", [(200, {"next_batch": 5}), (200, {}), (502, {}), (500, {"errcode": 7})])
def test_an_answer_that_is_none_is_asked_for_again(
    double: FakeHomeserver, scene: Scene, url: str, answer: Answer, capfd: pytest.CaptureFixture[str]
) -> None:
    double.fault = failing("/sync", answer)
    with listening(url, double, scene.support) as it:
        it.until_up()
    assert "source_down" in capfd.readouterr().out


def test_events_without_an_events_form_do_not_stop_those_that_follow(
    double: FakeHomeserver, scene: Scene, url: str
) -> None:
    sound = {"event_id": "$x", "sender": scene.customer.id, "type": "m.room.message", "content": {}}
    double.broken = ["no object", {}, {"content": []}, sound | {"origin_server_ts": "soon"}, None]
    with listening(url, double, scene.support) as it:
        it.until_up()
        scene.customer.say(scene.room, "whole")
        it.until_heard("whole")


def test_a_message_without_any_text_is_kept_for_a_person(
    double: FakeHomeserver, scene: Scene, url: str, client: redis.Redis
) -> None:
    with listening(url, double, scene.support) as it:
        it.until_up()
        scene.customer.send(scene.room, {"msgtype": "m.text", "body": 7})
        it.until("it is kept", lambda: it.count("parked") == 1)
    (key,) = client.scan_iter("tf:t:*")
    assert base64.b64decode(client.hget(key, "raw") or b"") == b'{"msgtype": "m.text", "body": 7}'


def test_a_homeserver_that_ignores_where_a_gap_ends_does_not_bring_the_past_back(
    double: FakeHomeserver, scene: Scene, url: str
) -> None:
    scene.customer.say(scene.room, "the past")
    double.is_careless = True
    with listening(url, double, scene.support) as it:
        it.until_up()
    texts = [f"meanwhile {number}" for number in range(130)]
    for text in texts:
        scene.customer.say(scene.room, text)
    with listening(url, double, scene.support) as it:
        it.until_heard(*texts)


def test_a_homeserver_that_sends_rooms_that_were_not_asked_for_is_not_listened_to(
    double: FakeHomeserver, scene: Scene, url: str
) -> None:
    double.is_careless = True
    listed = scene.customer.open_room(scene.support)
    scene.support.join(listed)
    with listening(url, double, scene.support, rooms=listed) as it:
        it.until_up()
        scene.customer.say(scene.room, "not for us")
        scene.customer.say(listed, "for us")
        it.until_heard("for us")


def test_a_room_that_can_no_longer_be_read_does_not_hold_up_the_others(
    double: FakeHomeserver, scene: Scene, url: str
) -> None:
    with listening(url, double, scene.support) as it:
        it.until_up()
    for number in range(130):
        scene.customer.say(scene.room, str(number))
    double.fault = failing("/messages", (403, {"errcode": "M_FORBIDDEN", "error": "not here"}))
    with listening(url, double, scene.support) as it:
        it.until_heard(*[str(number) for number in range(30, 130)])


def test_an_invitation_that_cannot_be_followed_is_left(double: FakeHomeserver, scene: Scene, url: str) -> None:
    double.fault = failing("/join", (404, {"errcode": "M_NOT_FOUND", "error": "gone"}))
    with listening(url, double, scene.support, join="localhost") as it:
        it.until_up()
        scene.customer.open_room(scene.support)
        scene.customer.say(scene.room, "goes on")
        it.until_heard("goes on")
