"""Events as homeservers send them, through nio's own parsers, and what they mean."""

from datetime import UTC, datetime
from typing import Any

import pytest
from nio import Event  # type: ignore[import-untyped]

from producers.matrix.events.reading import Edited, Fact, Nothing, Said, TakenBack, Wordless, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SENT = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
ANNA, ME = "@anna:example.org", "@support:example.com"


def event(content: Any, kind: str = "m.room.message", sender: str = ANNA, **more: Any) -> Any:
    """Let nio parse an event."""
    whole = {
        "type": kind,
        "room_id": "!room:example.org",
        "event_id": "$one",
        "sender": sender,
        "origin_server_ts": int(SENT.timestamp() * 1000),
        "content": content,
        "unsigned": {"age": 3},
    }
    return Event.parse_event(whole | more)


def fact(content: Any, *args: Any, **more: Any) -> Fact:
    """Read an event with this content."""
    return read(event(content, *args, **more), ignored=frozenset([ME]), now=NOW)


def text(body: str, **more: Any) -> dict[str, Any]:
    """The content of a plain message."""
    return {"msgtype": "m.text", "body": body} | more


def said(words: str, attachments: tuple[str, ...] = (), thread: str = "") -> Said:
    """What is expected of a message of Anna's."""
    return Said("$one", ANNA, words, SENT, attachments, thread)


REPLY = {"m.relates_to": {"m.in_reply_to": {"event_id": "$before"}}}
FORMATTED = {"format": "org.matrix.custom.html", "formatted_body": "<b>Help</b> me"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (text("My invoice is wrong"), said("My invoice is wrong")),
        (text("Help me", **FORMATTED), said("Help me")),
        (text("  space around \n"), said("space around")),
        (text(" ", **FORMATTED), said("Help me")),
        (text("", formatted_body="<mx-reply><blockquote>old</blockquote></mx-reply><p>new</p>"), said("new")),
        (text("", formatted_body=7), Nothing.EMPTY),
        ({"msgtype": "m.emote", "body": "is stuck"}, said("* is stuck")),
        (text("> <@me:x> old\n> more old\n\nmy answer\n> mine", **REPLY), said("my answer\n> mine")),
        (text("> * <@me:x> waves\n\nhello", **REPLY), said("hello")),
        (text("> a quotation of my own\n\nhello", **REPLY), said("> a quotation of my own\n\nhello")),
        (text("> <@me:x> typed by hand, no reply"), said("> <@me:x> typed by hand, no reply")),
        (
            text("in it", **{"m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}}),
            said("in it", thread="$root"),
        ),
        ({"msgtype": "m.file", "body": "bill.pdf", "url": "mxc://x/1"}, said("", ("bill.pdf",))),
        (
            {"msgtype": "m.image", "body": "look here", "filename": "a.png", "url": "mxc://x/1"},
            said("look here", ("a.png",)),
        ),
        ({"msgtype": "m.video", "body": "a.mp4", "filename": "a.mp4", "url": "mxc://x/1"}, said("", ("a.mp4",))),
        ({"msgtype": "m.image", "body": " a\n.png ", "file": {}}, said("", ("a .png",))),
        ({"msgtype": "m.audio", "body": "", "url": "mxc://x/1"}, said("", ("unnamed",))),
        (
            {"msgtype": "m.location", "body": "our office", "geo_uri": "geo:52.5,13.4"},
            said("Location: our office (geo:52.5,13.4)"),
        ),
        ({"msgtype": "org.example.poll", "body": "Which day?"}, said("Which day?")),
        ({"body": "a client that forgets the kind"}, said("a client that forgets the kind")),
        (text("words", **{"m.relates_to": "nonsense"}), said("words")),
    ],
)
def test_a_message_is_what_its_plain_body_says(content: Any, expected: Fact) -> None:
    assert fact(content) == expected


def test_an_edit_asks_for_the_new_words() -> None:
    content = text("* right", **{"m.new_content": text("right"), "m.relates_to": replaces("$old")})
    assert fact(content) == Edited("$old", ANNA, "right")


def replaces(event_id: str) -> dict[str, str]:
    """The relation of an edit."""
    return {"rel_type": "m.replace", "event_id": event_id}


@pytest.mark.parametrize("new", [None, "words", {}, text(" ")])
def test_an_edit_to_nothing_is_no_edit(new: Any) -> None:
    assert fact(text("* x", **{"m.new_content": new, "m.relates_to": replaces("$old")})) is Nothing.EMPTY


def test_a_redaction_names_its_target_in_either_place() -> None:
    assert fact({}, "m.room.redaction", redacts="$old") == TakenBack("$old")
    assert fact({"redacts": "$old"}, "m.room.redaction") == TakenBack("$old")


def test_a_redaction_by_ourselves_counts_too() -> None:
    assert fact({}, "m.room.redaction", ME, redacts="$old") == TakenBack("$old")


def test_a_redaction_of_nothing_is_none() -> None:
    assert fact({}, "m.room.redaction") is Nothing.NO_MESSAGE


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        (event(text("ours"), sender=ME), Nothing.NOT_A_PERSON),
        (event({"msgtype": "m.notice", "body": "a program's"}), Nothing.NOT_A_PERSON),
        (event(text("   ")), Nothing.EMPTY),
        (event({"name": "Help"}, "m.room.name", state_key=""), Nothing.NO_MESSAGE),
        (event(text("state"), state_key=""), Nothing.NO_MESSAGE),
        (event({"membership": "join"}, "m.room.member", state_key=ANNA), Nothing.NO_MESSAGE),
        (event({"m.relates_to": {"rel_type": "m.annotation", "key": "+"}}, "m.reaction"), Nothing.NO_MESSAGE),
        (event({}, unsigned={"redacted_because": {"sender": ANNA, "content": {}}}), Nothing.NO_MESSAGE),
        (event({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}, "m.room.encrypted"), Nothing.ENCRYPTED),
        (event({"algorithm": "of another kind"}, "m.room.encrypted"), Nothing.ENCRYPTED),
    ],
)
def test_other_events_are_no_persons_message(happened: Any, expected: Fact) -> None:
    assert read(happened, ignored=frozenset([ME]), now=NOW) is expected


@pytest.mark.parametrize("content", [{}, {"msgtype": "m.text"}, {"msgtype": "m.text", "body": 7}, {"body": None}])
def test_a_message_without_text_is_told_apart(content: Any) -> None:
    assert fact(content) == Wordless("$one", ANNA, SENT, content)


@pytest.mark.parametrize("at", [2**62, int(NOW.timestamp() * 1000) + 60_000, -(2**62)])
def test_a_time_that_cannot_be_is_now(at: int) -> None:
    found = fact(text("when?"), origin_server_ts=at)
    assert isinstance(found, Said)
    assert found.at == NOW


def test_a_notice_is_heard_of_those_who_are_named_each_as_a_ticket_of_its_own() -> None:
    notice = event({"msgtype": "m.notice", "body": "Form: the door is broken"})
    assert read(notice, ignored=frozenset(), now=NOW) is Nothing.NOT_A_PERSON
    found = read(notice, ignored=frozenset(), heard=frozenset([ANNA]), now=NOW)
    assert found == said("Form: the door is broken", thread="$one")
    assert read(notice, ignored=frozenset([ANNA]), heard=frozenset([ANNA]), now=NOW) is Nothing.NOT_A_PERSON
