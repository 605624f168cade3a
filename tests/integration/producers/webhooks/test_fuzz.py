"""Believed senders may post anything: the answer is never an error of ours."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.producers.conftest import OpenDoor
from tests.servers.webhook_sender import BASIC, SECRET, Mail, Request, form, message, multipart, one_of_each
from tests.support.producers import check_ledger
from tests.support.webhooks import Site, site_on

pytestmark = pytest.mark.integration

PROVIDERS = ("postmark", "mailgun", "sendgrid", "mandrill", "cloudmailin")
BY_SECRET = {f"{name}_secret": SECRET for name in PROVIDERS}
UNSIGNED = dict.fromkeys(("mailgun_key", "mandrill_key", "sendgrid_key"))
FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=edge",
    "text/plain",
    "",
)
PATHS = st.sampled_from([f"/v1/inbound/{name}" for name in PROVIDERS])


def _members() -> list[str]:
    postmark = json.loads(one_of_each()["postmark"].body)
    cloudmailin = json.loads(one_of_each()["cloudmailin, json"].body)
    return [*postmark, *cloudmailin, "RawEmail", "Name", "Value", "event", "msg", "raw_msg", "headers", "content"]


FIELDS = st.sampled_from(
    [
        *(
            "mandrill_events",
            "body-mime",
            "message-headers",
            "body-plain",
            "body-html",
            "attachments",
            "from",
            "sender",
        ),
        *("sender", "email", "headers", "text", "html", "envelope", "charsets", "attachment-info", "message", "plain"),
        *(
            "envelope[from]",
            "headers[From]",
            "headers[Received][0]",
            "attachments[0][size]",
            "attachments[0][file_name]",
        ),
    ]
)
WRITTEN = st.text() | VALUES.map(json.dumps) | st.just(Mail().raw.decode())


@st.composite
def requests(draw: st.DrawFn) -> Request:
    path = draw(PATHS)
    match draw(st.integers(0, 3)):
        case 0:
            return Request(path, {"content-type": draw(st.sampled_from(KINDS))}, draw(st.binary()))
        case 1:
            names = st.sampled_from(_members()) | st.text()
            inner = st.dictionaries(names, VALUES | st.lists(st.dictionaries(names, LEAVES)))
            return Request(path, {"content-type": "application/json"}, json.dumps(draw(inner)).encode())
        case 2:
            written = {
                key: value.replace("\ud800", "") for key, value in draw(st.dictionaries(FIELDS, WRITTEN)).items()
            }
            return form(path, written)
        case _:
            files = draw(st.dictionaries(st.just("a.pdf"), st.binary()))
            return multipart(path, draw(st.dictionaries(FIELDS, WRITTEN)), files)


@contextmanager
def a_site(open_door: OpenDoor) -> Iterator[tuple[Site, "asyncio.Runner"]]:
    async def enter(stack: AsyncExitStack) -> Site:
        door = await stack.enter_async_context(open_door())
        return await stack.enter_async_context(site_on(door, **(BY_SECRET | UNSIGNED)))

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        site = runner.run(enter(stack))
        try:
            yield site, runner
        finally:
            runner.run(stack.aclose())


def test_any_mail_request_of_a_believed_provider_has_an_answer(open_door: OpenDoor, redis_url: str) -> None:
    with a_site(open_door) as (site, runner):

        @FEW
        @given(requests())
        def ask(request: Request) -> None:
            answer = runner.run(site.post(Request(request.path, request.headers | BASIC, request.body)))
            assert answer.status in {200, 400}, answer.body

        ask()
    check_ledger(redis_url)


def test_any_signed_message_has_an_answer(open_door: OpenDoor, redis_url: str) -> None:
    names = st.sampled_from(["id", "conversation", "author", "text", "sent_at", "is_bot", "attachments", "subject"])
    kinds = st.sampled_from(["message.created", "message.edited", "message.deleted"])
    data = st.dictionaries(names, VALUES) | st.fixed_dictionaries(
        {"id": st.text(min_size=1), "conversation": st.text(min_size=1), "text": st.text()},
        optional={"sent_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())},
    )
    events: st.SearchStrategy[Any] = VALUES | st.fixed_dictionaries({"type": kinds | st.text(), "data": data})

    with a_site(open_door) as (site, runner):

        @FEW
        @given(events)
        def ask(event: Any) -> None:
            answer = runner.run(site.post(message(json.dumps(event).encode())))
            assert answer.status in {200, 422}, answer.body

        ask()
        runner.run(site.bursts.close_due())
    check_ledger(redis_url)
