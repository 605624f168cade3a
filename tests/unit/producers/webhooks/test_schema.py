from datetime import UTC, datetime
from typing import Any

import pytest

from producers.chat.post import Post
from producers.webhooks.messages.schema import EVENT, Created, to_post
from tests.servers.webhook_sender import created

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def post(**data: Any) -> Post:
    event = EVENT.validate_python(created(**data))
    assert isinstance(event, Created)
    return to_post(event.data, NOW)


def test_a_message_is_a_post_of_its_conversation() -> None:
    assert post(attachments=["a.png", {"name": "b.png", "url": "https://x"}], more="ignored") == Post(
        platform="webhook",
        place="room",
        author="ann1",
        message_id="m1",
        text="Hello",
        at=datetime(2026, 11, 24, 8, tzinfo=UTC),
        attachments=("a.png", "b.png"),
    )


@pytest.mark.parametrize("sent_at", [None, "2026-11-26T09:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_is_missing_or_to_come_is_now(sent_at: str | None) -> None:
    assert post(sent_at=sent_at).at == NOW


def test_another_time_zone_is_the_same_moment() -> None:
    assert post(sent_at="2026-11-24T10:00:00+02:00").at == datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(("subject", "text", "whole"), [("A", "b", "A\nb"), ("", "b", "b"), ("A", "", "A")])
def test_the_subject_is_the_first_line(subject: str, text: str, whole: str) -> None:
    assert post(subject=subject, text=text).text == whole
