from typing import Any

import pytest

from producers.slack.events import Edited, Said, read_event
from producers.slack.words import blocks_text, file_names, words_of
from tests.servers.slack import callback, message

TS = "1700000000.000100"


def section(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


RICH = section(
    {"type": "text", "text": "My card was charged "},
    {"type": "text", "text": "twice", "style": {"bold": True}},
    {"type": "text", "text": ", see "},
    {"type": "link", "url": "https://x.example", "text": "the bill"},
    {"type": "user", "user_id": "U2"},
    {"type": "emoji", "name": "cry"},
)


@pytest.mark.parametrize("text", ["", "  ", "This content can't be displayed."])
def test_words_in_blocks_only_are_words(text: str) -> None:
    fact = read_event(callback(message(TS, text, blocks=[RICH])))
    assert isinstance(fact, Said)
    assert fact.post.text == "My card was charged twice, see the bill (https://x.example)@U2:cry:"


def test_a_persons_text_is_not_said_twice_by_its_blocks() -> None:
    assert words_of({"text": "My *card*", "blocks": [RICH]}) == "My *card*"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": "see <https://x.example|here> &amp; there"}},
            "see here (https://x.example) & there",
        ),
        ({"type": "header", "text": {"type": "plain_text", "text": "Broken door"}}, "Broken door"),
        (
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": "*Name*"}, {"type": "plain_text", "text": "Ann"}],
            },
            "*Name*\nAnn",
        ),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "room 4"}, {"type": "image"}]}, "room 4"),
        ({"type": "markdown", "text": "**It** broke"}, "**It** broke"),
        (
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                            {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                        ],
                    },
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "error <500>"}]},
                ],
            },
            "one\ntwo\nerror <500>",
        ),
        (
            {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]},
            "a\nb",
        ),
        ({"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "OK"}}]}, ""),
        ({"type": "section", "text": "7", "accessory": {"type": "button", "text": {"text": "Open"}}}, "7"),
        (7, ""),
    ],
)
def test_blocks_say_what_people_read_in_them(block: Any, said: str) -> None:
    assert blocks_text([block]) == said


def test_blocks_without_end_have_an_end() -> None:
    block: dict[str, Any] = {"type": "section", "text": "deep"}
    for _ in range(500):
        block = {"type": "context", "elements": [block]}
    assert blocks_text([block]) == ""


def test_an_attachment_is_read_where_nothing_else_is_said() -> None:
    ticket = {
        "pretext": "New ticket",
        "title": "No light",
        "text": "in room 4",
        "fields": [{"title": "By", "value": "Ann"}],
    }
    assert words_of({"text": "", "attachments": [ticket]}) == "New ticket\nNo light\nin room 4\nBy: Ann"
    assert (
        words_of({"text": "", "attachments": [{"fallback": "a <https://x.example|link>"}]})
        == "a link (https://x.example)"
    )
    assert words_of({"text": "Hello", "attachments": [ticket]}) == "Hello"


def test_a_shared_message_of_blocks_is_read() -> None:
    shared = {"is_share": True, "message_blocks": [{"message": {"blocks": [RICH]}}], "fallback": "[no preview]"}
    assert words_of({"text": "look", "attachments": [shared]}).startswith("look\nMy card was charged twice")


def test_files_of_a_shared_message_are_named() -> None:
    shared = {"is_share": True, "text": "see", "files": [{"name": "b.pdf"}]}
    assert file_names({"files": [{"name": "a.png"}], "attachments": [shared]}) == ("a.png", "b.pdf")


def test_an_apps_line_for_the_notification_is_not_all_that_it_says() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "New request!"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Problem*: the door is broken"}},
    ]
    form = {
        "text": "New *request*",
        "blocks": blocks,
        "attachments": [{"text": "by Ann"}, {"text": "the door is broken"}],
    }
    assert words_of(form, is_app=True) == "New request!\n*Problem*: the door is broken\nby Ann"
    assert words_of({"text": "Help", "blocks": [section({"type": "text", "text": "be helpful"})]}, is_app=True) == (
        "Help\nbe helpful"
    )
    assert words_of({"text": "twice", "attachments": [{"text": "twice"}]}, is_app=True) == "twice"


def test_an_edit_of_blocks_changes_the_words() -> None:
    before = {"ts": TS, "user": "U1", "text": "", "blocks": [section({"type": "text", "text": "old"})]}
    after = before | {"blocks": [section({"type": "text", "text": "new"})]}
    changed = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": after}
    fact = read_event(callback(changed | {"previous_message": before}))
    assert isinstance(fact, Edited)
    assert fact.text == "new"
