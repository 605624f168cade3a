"""What is said in rooms, edited and taken back, is heard, on the double and on a real homeserver."""

import pytest

from tests.integration.producers.matrix.conftest import Scene
from tests.support.matrix_listening import listening

pytestmark = [pytest.mark.integration]


def test_only_what_is_said_from_the_first_start_on_is_heard(scene: Scene, url: str) -> None:
    scene.customer.say(scene.room, "long ago")
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        event_id = scene.customer.say(scene.room, "now")
        it.until_heard("now")
        post = it.heard.posts[event_id]
    assert (post.platform, post.place, post.author) == ("matrix", scene.room, scene.customer.id)


def test_edits_and_redactions_reach_the_message(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        first, second = scene.customer.say(scene.room, "frist"), scene.customer.say(scene.room, "second")
        scene.customer.edit(scene.room, first, "first")
        scene.customer.redact(scene.room, second)
        it.until_heard("first")


def test_nobody_edits_what_another_has_said(scene: Scene, url: str) -> None:
    other = scene.server.register("other" + scene.room[1:9].lower())
    scene.customer.invite(scene.room, other)
    other.join(scene.room)
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        said = scene.customer.say(scene.room, "my words")
        other.edit(scene.room, said, "other words")
        scene.customer.say(scene.room, "the end")
        it.until_heard("my words", "the end")


def test_our_own_messages_those_of_programs_and_of_ignored_users_are_not_heard(scene: Scene, url: str) -> None:
    bot = scene.server.register("bot" + scene.room[1:9].lower())
    scene.customer.invite(scene.room, bot)
    bot.join(scene.room)
    with listening(url, scene.server, scene.support, ignore=bot.id) as it:
        it.until_up()
        scene.support.say(scene.room, "our answer")
        bot.say(scene.room, "I am a bot that writes like a person")
        scene.customer.send(scene.room, {"msgtype": "m.notice", "body": "a program's notice"})
        scene.customer.say(scene.room, "a person")
        it.until_heard("a person")
        assert it.count("ignored") == 3


def test_a_thread_a_reply_and_a_file_keep_what_belongs_to_them(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        root = scene.customer.say(scene.room, "root")
        scene.customer.say(
            scene.room,
            f"> <{scene.customer.id}> root\n\nin a thread",
            **{"m.relates_to": {"rel_type": "m.thread", "event_id": root, "m.in_reply_to": {"event_id": root}}},
        )
        scene.customer.send(scene.room, {"msgtype": "m.image", "body": "photo.png", "url": "mxc://localhost/abc"})
        it.until_heard("root", "in a thread", "")
        posts = list(it.heard.posts.values())
    assert [post.thread for post in posts] == ["", root, ""]
    assert posts[2].attachments == ("photo.png",)


def test_an_encrypted_room_is_said_once_and_its_messages_are_counted(
    scene: Scene, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}, "state_key": ""}
    room = scene.customer.open_room(scene.support, initial_state=[encryption])
    scene.support.join(room)
    secret = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "sender_key": "k", "session_id": "s"}
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        for _ in range(2):
            scene.customer.send(room, secret | {"device_id": "D"}, "m.room.encrypted")
        scene.customer.say(scene.room, "readable")
        it.until_heard("readable")
        it.until("both are counted", lambda: it.count("ignored") == 2)
    assert capfd.readouterr().out.count("room_is_encrypted") == 1


def test_only_rooms_of_the_list_are_read(scene: Scene, url: str) -> None:
    alias = f"help-{scene.room[1:9].lower()}"
    listed = scene.customer.open_room(scene.support, room_alias_name=alias)
    scene.support.join(listed)
    with listening(url, scene.server, scene.support, rooms=f"#{alias}:localhost") as it:
        it.until_up()
        scene.customer.say(scene.room, "not for us")
        scene.customer.say(listed, "for us")
        it.until_heard("for us")


def test_an_invitation_is_followed_only_from_a_server_of_the_list(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support, join="elsewhere.example") as it:
        it.until_up()
        left_open = scene.customer.open_room(scene.support)
        scene.customer.say(left_open, "nobody reads this")
        scene.customer.say(scene.room, "read")
        it.until_heard("read")
    assert left_open not in scene.support.joined()
    with listening(url, scene.server, scene.support, join="localhost") as it:
        room = scene.customer.open_room(scene.support, preset="public_chat")
        scene.customer.say(room, "said before we came, but after we were asked")
        it.until("it is followed", lambda: room in scene.support.joined())
        scene.customer.say(room, "said after")
        it.until_heard("said before we came, but after we were asked", "said after")


def test_the_past_of_a_room_that_is_new_to_us_is_not_heard(scene: Scene, url: str) -> None:
    with listening(url, scene.server, scene.support) as it:
        it.until_up()
        room = scene.customer.open_room(preset="public_chat")
        for number in range(5):
            scene.customer.say(room, f"among themselves {number}")
        scene.customer.invite(room, scene.support)
        scene.support.join(room)
        scene.customer.say(room, "to us")
        it.until_heard("to us")
