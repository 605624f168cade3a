"""Which events are ours, whose invitation is followed, and what is left of a homeserver's nonsense."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nio import Event, InviteEvent, SyncResponse  # type: ignore[import-untyped]

from producers.matrix.events.invitations import inviter, is_wanted
from producers.matrix.events.presence import while_present
from producers.matrix.events.soundness import without_broken_events

ME = "@support:example.com"


def member(membership: str, before: str | None = None, who: str = ME) -> Any:
    """Somebody comes or goes."""
    unsigned = {"prev_content": {"membership": before}} if before else {}
    return _event("m.room.member", {"membership": membership}, state_key=who, unsigned=unsigned)


def said(words: str) -> Any:
    """Somebody says something."""
    return _event("m.room.message", {"msgtype": "m.text", "body": words})


def _event(kind: str, content: Any, **more: Any) -> Any:
    whole = {"type": kind, "event_id": "$e", "sender": "@a:example.org", "origin_server_ts": 1, "content": content}
    return Event.parse_event(whole | more)


def heard(*events: Any) -> list[str]:
    """The words of those that are ours to read."""
    return [event.body for event in while_present(list(events), ME) if event.source["type"] == "m.room.message"]


def test_in_a_room_where_nothing_changes_all_is_ours() -> None:
    assert heard(said("1"), member("join", "leave", "@other:example.org"), said("2")) == ["1", "2"]


def test_a_new_room_is_ours_from_the_invitation_on() -> None:
    events = (said("past"), member("invite"), said("to us"), member("join", "invite"), said("too"))
    assert heard(*events) == ["to us", "too"]


def test_a_new_room_without_invitation_is_ours_from_the_joining_on() -> None:
    assert heard(said("past"), member("join"), said("to us")) == ["to us"]


def test_an_invitation_of_an_earlier_batch_counts() -> None:
    assert heard(said("to us"), member("join", "invite"), said("too")) == ["to us", "too"]


def test_what_was_said_before_we_were_thrown_out_and_after_we_came_back_is_ours() -> None:
    events = (said("1"), member("leave", "join"), said("not ours"), member("join", "leave"), said("2"))
    assert heard(*events) == ["1", "2"]


def test_a_new_name_of_ours_changes_nothing() -> None:
    assert heard(said("1"), member("join", "join"), said("2")) == ["1", "2"]


def test_the_inviter_is_who_sent_our_invitation() -> None:
    raw = [
        {"type": "m.room.name", "sender": "@x:example.org", "state_key": "", "content": {"name": "n"}},
        {"type": "m.room.member", "sender": "@x:example.org", "state_key": "@x:example.org", "content": _JOINED},
        {"type": "m.room.member", "sender": "@anna:example.org", "state_key": ME, "content": {"membership": "invite"}},
    ]
    parsed = [InviteEvent.parse_event(event) for event in raw]
    assert inviter([event for event in parsed if event], ME) == "@anna:example.org"
    assert inviter([], ME) == ""


_JOINED = {"membership": "join"}


@pytest.mark.parametrize(
    ("allowed", "rooms", "wanted"),
    [
        ((), None, False),
        (("example.org",), None, True),
        (("Example.org.evil",), None, False),
        (("!room:example.org",), None, True),
        (("example.org",), frozenset(["!room:example.org"]), True),
        (("example.org",), frozenset(["!other:example.org"]), False),
    ],
)
def test_an_invitation_is_wanted_where_room_or_server_are_named_and_the_room_would_be_read(
    allowed: tuple[str, ...], rooms: frozenset[str] | None, wanted: bool
) -> None:
    assert is_wanted("!room:example.org", "@anna:example.org", allowed, rooms) is wanted


def test_nobody_known_invites_from_nowhere() -> None:
    assert not is_wanted("!room:example.org", "", ("example.org",), None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_ODD_EVENT = _JSON | st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["m.room.message", "m.room.redaction", "m.room.member", "m.room.encrypted"]) | _JSON,
        "event_id": st.just("$e") | _JSON,
        "sender": st.just("@a:b") | _JSON,
        "origin_server_ts": st.just(1) | _JSON,
        "content": st.dictionaries(st.sampled_from(["msgtype", "body", "algorithm", "membership"]), _JSON) | _JSON,
        "state_key": _JSON,
        "unsigned": st.just({}) | _JSON,
        "redacts": _JSON,
    },
)


@given(st.lists(_ODD_EVENT, max_size=3), st.lists(_ODD_EVENT, max_size=3), _JSON)
def test_no_event_makes_nio_stumble(events: list[Any], invited: list[Any], to_device: Any) -> None:
    part = {"events": events}
    body = {
        "next_batch": "s1",
        "to_device": to_device,
        "rooms": {
            "join": {"!a:b": {"timeline": part, "state": {"events": list(events)}}},
            "leave": {"!b:b": {"timeline": {"events": list(events)}}},
            "invite": {"!c:b": {"invite_state": {"events": invited}}},
        },
    }
    answer = SyncResponse.from_dict(without_broken_events(body))
    assert isinstance(answer, SyncResponse)
    while_present(answer.rooms.join["!a:b"].timeline.events, ME)


_SOUND = {"type": "m.room.message", "event_id": "$e", "sender": "@a:b", "origin_server_ts": 1, "content": {}}


@pytest.mark.parametrize(
    "change",
    [
        {"type": 1},
        {"event_id": None},
        {"sender": ["@a:b"]},
        {"origin_server_ts": "soon"},
        {"content": []},
        {"unsigned": None},
    ],
)
def test_an_event_without_an_events_form_is_left_out(change: Any) -> None:
    for holder in ("join", "leave"):
        rooms = {holder: {"!a:b": {"timeline": {"events": [_SOUND | change, _SOUND]}}}}
        assert without_broken_events({"rooms": rooms})["rooms"][holder]["!a:b"]["timeline"]["events"] == [_SOUND]
    assert without_broken_events({"chunk": [_SOUND | change, _SOUND, 7]})["chunk"] == [_SOUND]


@pytest.mark.parametrize("change", [{"type": 1}, {"sender": None}, {"state_key": 1}, {"content": None}])
def test_an_invitation_without_its_form_is_left_out(change: Any) -> None:
    sound = {"type": "m.room.member", "sender": "@a:b", "state_key": ME, "content": {}}
    rooms = {"invite": {"!a:b": {"invite_state": {"events": [sound | change, sound]}}}}
    assert without_broken_events({"rooms": rooms})["rooms"]["invite"]["!a:b"]["invite_state"]["events"] == [sound]


@given(_JSON)
def test_an_answer_that_is_no_answer_becomes_a_dictionary(body: Any) -> None:
    assert isinstance(without_broken_events(body), dict)


def test_nio_does_not_log_what_somebody_wrote(caplog: pytest.LogCaptureFixture) -> None:
    import producers.matrix.client  # noqa: F401 - it is the one that keeps nio quiet

    with caplog.at_level(logging.DEBUG):
        Event.parse_event({"type": "m.room.message", "content": "a secret"})
        _event("m.room.message", {"msgtype": "m.text", "body": ["a secret"]})
    assert caplog.records == []
