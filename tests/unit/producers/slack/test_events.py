from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import ConfigurationError
from fleet.settings import load_group
from producers.slack.events import Deleted, Edited, Ignored, Said, read_event
from producers.slack.hearing import Hearing
from producers.slack.settings import PREFIX, Mode, SlackSettings
from producers.slack.text import plain
from tests.servers.slack import BOT_USER, callback, message


def read(event: dict[str, Any], *channels: str) -> Any:
    return read_event(callback(event), Hearing(frozenset(channels)))


def test_a_message_is_said_by_somebody_somewhere() -> None:
    fact = read(message("1700000000.000100", "Hello &amp; <https://x.example|here>", thread_ts="1690000000.000100"))
    assert isinstance(fact, Said)
    post = fact.post
    assert (post.platform, post.place, post.author) == ("slack", "T1/C1", "U1")
    assert (post.message_id, post.thread) == ("1700000000.000100", "1690000000.000100")
    assert post.text == "Hello & here (https://x.example)"
    assert post.at.year == 2023


def test_the_first_message_of_a_thread_belongs_to_the_channel() -> None:
    fact = read(message("1700000000.000100", "Hello", thread_ts="1700000000.000100"))
    assert isinstance(fact, Said)
    assert fact.post.thread == ""


def test_a_mention_is_the_message_that_it_is_in() -> None:
    said = read(message("1700000000.000100", "Hi"))
    mentioned = read(message("1700000000.000100", "Hi") | {"type": "app_mention"})
    assert said == mentioned


def test_files_are_known_by_their_names_and_may_stand_alone() -> None:
    fact = read(message("1700000000.000100", "", subtype="file_share", files=[{"name": "a.png"}, {}, 7]))
    assert isinstance(fact, Said)
    assert fact.post.attachments == ("a.png", "file")


def test_changes_and_deletions_name_their_message() -> None:
    changed = {"type": "message", "subtype": "message_changed", "channel": "C1"}
    new = {"ts": "1.2", "user": "U1", "text": "new"}
    assert read(changed | {"message": new}) == Edited("T1/C1", "1.2", "new")
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    timed = new | {"edited": {"user": "U1", "ts": "1700000000.000000"}}
    assert read(changed | {"ts": "1800000000.000000", "message": timed}) == Edited("T1/C1", "1.2", "new", at)
    assert read(changed | {"ts": "1700000000.000000", "message": new}) == Edited("T1/C1", "1.2", "new", at)
    assert read(changed | {"message": {"ts": "1.2", "user": "U1", "subtype": "tombstone"}}) == Deleted("T1/C1", "1.2")
    deleted = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.2"}
    assert read(deleted) == Deleted("T1/C1", "1.2")


def test_a_shared_message_says_what_it_shares() -> None:
    shared = {"is_share": True, "text": "my card was charged twice &amp; more", "fallback": "[a message]"}
    preview = {"text": "a page that somebody linked to"}
    fact = read(message("1700000000.000100", "", attachments=[shared, preview]))
    assert isinstance(fact, Said)
    assert fact.post.text == "my card was charged twice & more"
    fact = read(
        message("1700000000.000100", "Please look", attachments=[{"is_share": True, "fallback": "[a message]"}])
    )
    assert isinstance(fact, Said)
    assert fact.post.text == "Please look\n[a message]"


@pytest.mark.parametrize(
    "event",
    [
        message("1.2", "I am a bot", bot_id="B1"),
        message("1.2", "I am a bot", subtype="bot_message", bot_id="B1"),
        message("1.2", "our own", user=BOT_USER),
        message("1.2", "reminder", user="USLACKBOT"),
        message("1.2", "has joined", subtype="channel_join"),
        message("1.2", "   "),
        message("yesterday", "no time"),
        message("-1", "no time"),
        message("1e400", "no time"),
        {"type": "reaction_added"},
        {"type": "message", "subtype": "message_changed", "channel": "C1", "message": {"ts": "1.2", "bot_id": "B1"}},
        {"type": "message", "subtype": "message_changed", "channel": "C1"},
        {"type": "message", "subtype": "message_deleted", "channel": "C1"},
        {
            "type": "message",
            "subtype": "message_deleted",
            "channel": "C1",
            "deleted_ts": "1.2",
            "previous_message": {"ts": "1.2", "bot_id": "B1"},
        },
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": "C1",
            "message": {"ts": "1.2", "user": "U1", "text": "the same", "attachments": [{"text": "a preview"}]},
            "previous_message": {"ts": "1.2", "user": "U1", "text": "the same"},
        },
        {"type": "message", "subtype": {"a": 1}, "channel": "C1"},
    ],
)
def test_what_no_person_said_is_ignored(event: dict[str, Any]) -> None:
    assert isinstance(read(event), Ignored)


def test_only_listed_channels_are_heard() -> None:
    assert isinstance(read(message("1.2", "Hi", channel="C1"), "C1", "C2"), Said)
    assert isinstance(read(message("1.2", "Hi", channel="C3"), "C1", "C2"), Ignored)


FIRST_NAMES = ["event", "type", "subtype", "ts", "user", "text", "channel", "message", "files", "team_id"]
NAMES = [*FIRST_NAMES, "edited", "attachments", "previous_message", "is_share"]

json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_read_without_an_error(payload: Any) -> None:
    read_event(payload)
    read_event({"event": payload, "authorizations": payload})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<@U1> see <#C1|general>", "@U1 see #general"),
        ("<!here> <!subteam^S1|@support>", "@here @support"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<https://x.example>", "https://x.example"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &copy;", "1 < 2 && 3 > 2 &copy;"),
        ("a < b and <unclosed", "a < b and <unclosed"),
    ],
)
def test_markup_is_shown_as_a_person_reads_it(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_each_mode_needs_its_secret() -> None:
    with pytest.raises(ConfigurationError, match="TRIAGE_SLACK_SIGNING_SECRET"):
        load_group(SlackSettings, PREFIX, {"TRIAGE_SLACK_MODE": "http"})
    with pytest.raises(ConfigurationError, match="TRIAGE_SLACK_APP_TOKEN"):
        load_group(SlackSettings, PREFIX, {})
    found = load_group(SlackSettings, PREFIX, {"TRIAGE_SLACK_APP_TOKEN": "xapp", "TRIAGE_SLACK_CHANNELS": "C1, C2"})
    assert (found.mode, found.channels) == (Mode.SOCKET, frozenset({"C1", "C2"}))
