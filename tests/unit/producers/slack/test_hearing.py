from typing import Any

import pytest

from fleet.errors import ConfigurationError
from fleet.settings import load_group
from producers.slack.events import Deleted, Edited, Fact, Ignored, Said, read_event
from producers.slack.hearing import Hearing
from producers.slack.settings import PREFIX, SlackSettings
from tests.servers.slack import BOT_USER, callback, message

TS = "1700000000.000100"
PROFILE = {"id": "B7", "app_id": "A7", "name": "Door form"}
FORM = message(TS, "", user="", subtype="bot_message", bot_id="B7", bot_profile=PROFILE | {"is_workflow_bot": True}) | {
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Problem*: the door"}}],
    "workflow_id": "Wf07ABC",
}
BY_TOKEN = message(
    TS, "Ticket of a customer", user="U9", bot_id="B8", app_id="A8", bot_profile={"id": "B8", "app_id": "A8"}
)
MAIL = message(
    TS,
    "",
    user="USLACKBOT",
    subtype="file_share",
    files=[
        {
            "mode": "email",
            "filetype": "email",
            "name": "Charged_twice",
            "subject": "Charged twice",
            "plain_text": "My card was charged twice.",
            "from": [{"address": "ann@example.net", "name": "Ann"}],
            "attachments": [{"filename": "bill.pdf"}],
        }
    ],
)


def read(event: dict[str, Any], *heard: str) -> Fact:
    return read_event(callback(event), Hearing(apps=frozenset(heard)))


@pytest.mark.parametrize("event", [FORM, BY_TOKEN, MAIL], ids=["form", "by token", "mail"])
def test_apps_forms_and_mails_are_heard_only_where_they_are_named(event: dict[str, Any]) -> None:
    found = read(event)
    assert isinstance(found, Ignored)
    assert found.app
    assert isinstance(read(event, "A1", "B1", "Wf1"), Ignored)


@pytest.mark.parametrize("name", ["workflows", "B7", "A7", "Wf07ABC"])
def test_a_workflow_form_is_heard(name: str) -> None:
    found = read(FORM, name)
    assert isinstance(found, Said)
    assert (found.post.text, found.post.author) == ("*Problem*: the door", "Door form")


def test_workflows_are_no_other_apps() -> None:
    assert isinstance(read(BY_TOKEN, "workflows", "email"), Ignored)


@pytest.mark.parametrize("name", ["B8", "A8"])
def test_an_app_with_a_users_token_is_heard(name: str) -> None:
    found = read(BY_TOKEN, name)
    assert isinstance(found, Said)
    assert (found.post.text, found.post.author) == ("Ticket of a customer", "U9")


def test_a_mail_to_the_channel_is_heard_with_its_sender() -> None:
    found = read(MAIL, "email")
    assert isinstance(found, Said)
    assert found.post.text == "Charged twice\nMy card was charged twice."
    assert (found.post.author, found.post.attachments) == ("ann@example.net", ("bill.pdf",))


def test_what_slackbot_says_else_is_never_heard() -> None:
    assert isinstance(read(message(TS, "Reminder: stand-up", user="USLACKBOT"), "email", "workflows"), Ignored)


@pytest.mark.parametrize(
    "ours",
    [
        message(TS, "I am triage", user=BOT_USER, bot_id="B0", app_id="A1"),
        message(TS, "I am triage", user="", subtype="bot_message", bot_id="B0", bot_profile={"app_id": "A1"}),
        message(TS, "I am triage", user=BOT_USER),
        message(TS, "I am triage", user=BOT_USER, bot_id="B0"),
    ],
)
def test_what_we_say_ourselves_is_never_heard_whatever_the_setting_names(ours: dict[str, Any]) -> None:
    found = read(ours, "A1", "B0", "workflows", "email")
    assert isinstance(found, Ignored)
    assert found.app == ""


def test_two_messages_of_an_app_are_two_conversations_and_answers_stand_in_them() -> None:
    first, second = read(FORM, "workflows"), read(FORM | {"ts": "1700000001.000100"}, "workflows")
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert first.post.line != second.post.line
    answer = read(message("1700000005.000100", "me too", thread_ts=TS))
    assert isinstance(answer, Said)
    assert answer.post.thread == first.post.thread == TS


def test_edits_and_deletions_of_apps_count_where_they_are_heard() -> None:
    edit = {"type": "message", "subtype": "message_changed", "channel": "C1", "message": FORM}
    gone = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": "C1",
        "deleted_ts": TS,
        "previous_message": FORM,
    }
    assert isinstance(read(edit, "workflows"), Edited)
    assert isinstance(read(gone, "workflows"), Deleted)
    assert isinstance(read(edit), Ignored)
    assert isinstance(read(gone), Ignored)


def test_the_setting_names_ids_or_two_words_and_nothing_else() -> None:
    own = {"TRIAGE_SLACK_APP_TOKEN": "xapp"}
    found = load_group(SlackSettings, PREFIX, own | {"TRIAGE_SLACK_HEAR": "workflows, email, B0123ABC,A9,Wf07"})
    assert found.hearing.apps == {"workflows", "email", "B0123ABC", "A9", "Wf07"}
    for wrong in ("U0123", "workflow", "#support", "bots"):
        with pytest.raises(ConfigurationError, match="TRIAGE_SLACK_HEAR"):
            load_group(SlackSettings, PREFIX, own | {"TRIAGE_SLACK_HEAR": wrong})
