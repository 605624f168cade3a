"""Providers' mail against the real application and a real ledger."""

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
import redis

from fleet.ledger.reading import read_ticket, read_totals
from fleet.ticket import Automated, Source, Ticket
from producers.intake.pressure import Pressure
from producers.mail.message import MailTicket, read_mail
from producers.webhooks.inbound.taking import QUICK_BYTES
from tests.integration.producers.conftest import OpenDoor
from tests.servers.webhook_sender import (
    BASIC,
    JSON,
    SECRET,
    Mail,
    Request,
    cloudmailin,
    form,
    mailgun,
    mandrill,
    one_of_each,
    postmark,
    sendgrid,
)
from tests.support.producers import accepted_bodies, check_ledger
from tests.support.rows import SHARED
from tests.support.server import free_port
from tests.support.webhooks import Answer, Site, on_site

pytestmark = pytest.mark.integration

MAILS = [name for name in one_of_each() if name != "message"]
"""Each request is made when it is used: signed at the start of a long run, it would be too old."""


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_that_is_proved_is_a_ticket_and_a_second_try_is_none(
    open_door: OpenDoor, redis_url: str, name: str
) -> None:
    async def work(site: Site) -> None:
        request = one_of_each()[name]
        first = await site.post(request)
        assert (first.status, first.json["mails"][0]["result"]) == (200, "accepted")
        again = await site.post(request)
        assert again.status == (401 if name.startswith("mailgun") else 200)
        assert site.counted("accepted") == 1

    on_site(open_door, work)
    assert accepted_bodies(redis_url) == [Mail().text]
    check_ledger(redis_url)


def test_events_about_mail_that_was_sent_are_taken_and_ignored(open_door: OpenDoor, client: redis.Redis) -> None:
    event = {"RecordType": "Bounce", "MessageID": "x", "From": "help@example.com", "BouncedAt": "2026-11-24T08:00:00Z"}

    async def work(site: Site) -> None:
        answer = await site.post(Request("/v1/inbound/postmark", JSON | BASIC, json.dumps(event).encode()))
        assert (answer.status, answer.json) == (200, {"mails": []})
        assert site.counted("ignored") == 1

    on_site(open_door, work)
    assert read_totals(client).accepted == 0


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (postmark(Mail()).without("authorization"), "missing"),
        (cloudmailin(Mail()).without("authorization"), "missing"),
        (mailgun(Mail(), key="another"), "signature"),
        (mailgun(Mail(), at=1_000_000_000), "stale"),
        (mandrill(Mail(), key="another"), "signature"),
        (mandrill(Mail()).without("x-mandrill-signature"), "missing"),
        (sendgrid(Mail(), at=1_000_000_000), "stale"),
        (Request("/v1/inbound/mailgun", {"content-type": "multipart/form-data; boundary=x"}, b"broken"), "missing"),
    ],
)
def test_what_is_not_proved_is_401_counted_and_nothing_else(
    open_door: OpenDoor, client: redis.Redis, request_: Request, reason: str
) -> None:
    async def work(site: Site) -> None:
        answer = await site.post(request_)
        assert (answer.status, answer.json["error"]["code"]) == (401, "not_believed")
        assert site.refused(reason) == 1

    on_site(open_door, work)
    assert client.dbsize() == 0


def test_a_token_of_mailgun_is_good_once(open_door: OpenDoor, redis_url: str) -> None:
    async def work(site: Site) -> None:
        assert (await site.post(mailgun(Mail(), token="t1"))).status == 200
        assert (await site.post(mailgun(Mail(), token="t1"))).status == 401
        assert (await site.post(mailgun(Mail(text="forged", message_id="<m2@x>"), token="t1"))).status == 401
        assert site.refused("replayed") == 2
        again = await site.post(mailgun(Mail(), token="t2"))
        assert again.json["mails"][0]["result"] == "duplicate"

    on_site(open_door, work)
    assert accepted_bodies(redis_url) == [Mail().text]


def test_a_token_whose_mail_was_not_taken_in_may_come_again_with_it_alone(open_door: OpenDoor, redis_url: str) -> None:
    async def work(site: Site) -> None:
        site.door.pressure = Pressure(1.0)
        assert (await site.post(mailgun(Mail(), token="t1"))).status == 503
        site.door.pressure = Pressure(0.0)
        assert (await site.post(mailgun(Mail(text="forged", message_id="<m2@x>"), token="t1"))).status == 401
        assert (await site.post(mailgun(Mail(), token="t1"))).status == 200

    on_site(open_door, work)
    assert accepted_bodies(redis_url) == [Mail().text]


def test_a_token_is_remembered_for_as_long_as_it_could_be_used(open_door: OpenDoor, client: redis.Redis) -> None:
    on_site(open_door, lambda site: site.post(mailgun(Mail())), own={"remember_s": 1_000.0})
    (name,) = client.keys("tf:webhooks:*")
    assert 990_000 < client.pttl(name) <= 1_000_000


def test_so_is_one_whose_mail_was_not_taken_in(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(site: Site) -> None:
        site.door.pressure = Pressure(1.0)
        assert (await site.post(mailgun(Mail()))).status == 503

    on_site(open_door, work, own={"remember_s": 1_000.0})
    (name,) = client.keys("tf:webhooks:*")
    assert 990_000 < client.pttl(name) <= 1_000_000


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_provider_that_is_not_configured_is_not_there(open_door: OpenDoor, client: redis.Redis, method: str) -> None:
    async def work(site: Site) -> list[int]:
        paths = ("/v1/inbound/mandrill", "/v1/inbound/unheard-of", "/v1/inbound/", "/v1/messages/more")
        return [(await site.post(Request(path, dict(BASIC), b"x"), method)).status for path in paths]

    assert on_site(open_door, work, own={"mandrill_key": None}) == [404] * 4
    assert client.dbsize() == 0


def test_mandrill_may_look_whether_somebody_is_there(open_door: OpenDoor) -> None:
    async def work(site: Site) -> Answer:
        return await site.post(Request("/v1/inbound/mandrill", {}, b""), "HEAD")

    assert on_site(open_door, work).status == 200


def test_the_secret_may_stand_in_the_url(open_door: OpenDoor) -> None:
    async def work(site: Site) -> list[int]:
        bare = postmark(Mail()).without("authorization")
        return [(await site.post(bare, query=f"secret={secret}")).status for secret in ("wrong", SECRET)]

    assert on_site(open_door, work) == [401, 200]


def test_several_mails_of_one_request_are_several_tickets(open_door: OpenDoor, redis_url: str) -> None:
    both = mandrill(Mail(text="first"), Mail(text="second", message_id="<m2@x>"))
    assert len(on_site(open_door, lambda site: site.post(both)).json["mails"]) == 2
    assert accepted_bodies(redis_url) == ["first", "second"]


def test_events_that_are_no_mail_are_taken_and_ignored(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(site: Site) -> None:
        answer = await site.post(mandrill())
        assert (answer.status, answer.json) == (200, {"mails": []})
        assert site.counted("ignored") == 1

    on_site(open_door, work)
    assert read_totals(client).accepted == 0


@pytest.mark.parametrize(
    "request_",
    [
        Request("/v1/inbound/postmark", JSON | BASIC, b'{"Type": "SpamComplaint"}'),
        Request("/v1/inbound/postmark", JSON | BASIC, b"no json \xff"),
        Request("/v1/inbound/cloudmailin", {"content-type": "multipart/form-data; boundary=x"} | BASIC, b"broken"),
    ],
)
def test_what_can_never_be_a_ticket_is_kept_byte_for_byte_and_not_asked_for_again(
    open_door: OpenDoor, client: redis.Redis, request_: Request
) -> None:
    answer: Answer = on_site(open_door, lambda site: site.post(request_))
    assert answer.status == 200
    record = read_ticket(client, answer.json["mails"][0]["ticket"])
    assert record is not None
    assert (record["state"], record["reason"]) == ("parked", "not_a_ticket")
    assert base64.b64decode(record["raw"]) == request_.body


def test_a_mail_that_is_too_long_for_a_ticket_is_held_all_the_same(open_door: OpenDoor, client: redis.Redis) -> None:
    answer: Answer = on_site(open_door, lambda site: site.post(postmark(Mail(text="word " * 100_000))))
    assert answer.status == 200
    totals = read_totals(client)
    assert totals.waiting + totals.parked == 1


def test_a_mail_whose_key_another_ticket_has_is_kept(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(site: Site) -> Answer:
        known = read_mail(Mail().raw)
        assert isinstance(known, MailTicket)
        await site.door.accept(Ticket(source=Source.HTTP, body="another"), key=known.key)
        return await site.post(mandrill(Mail()))

    assert on_site(open_door, work).status == 200
    totals = read_totals(client)
    assert (totals.waiting, totals.parked) == (1, 1)


def test_a_request_without_a_body_is_told_so(open_door: OpenDoor, client: redis.Redis) -> None:
    empty = Request("/v1/inbound/postmark", dict(BASIC), b"")
    assert on_site(open_door, lambda site: site.post(empty)).status == 400
    assert client.dbsize() == 0


def test_a_large_request_is_read_too(open_door: OpenDoor, redis_url: str) -> None:
    large = mailgun(Mail(files={"a.pdf": b"x" * 2 * QUICK_BYTES}))
    assert on_site(open_door, lambda site: site.post(large)).status == 200
    assert accepted_bodies(redis_url) == [Mail().text]


def test_our_own_words_are_known(open_door: OpenDoor, client: redis.Redis) -> None:
    request = cloudmailin(Mail(sender="Help <Help@example.com>"))
    pieces = json.loads(request.body)
    pieces["headers"]["x_triage_fleet"] = "1"
    request = Request(request.path, request.headers, json.dumps(pieces).encode())
    answer: Answer = on_site(open_door, lambda site: site.post(request), own={"own": "help@example.com"})
    record = read_ticket(client, answer.json["mails"][0]["ticket"])
    assert record is not None
    assert Automated.LOOP.value in json.dumps(record)


@pytest.mark.parametrize("name", MAILS)
def test_a_full_ledger_is_told_with_a_time_to_wait(open_door: OpenDoor, client: redis.Redis, name: str) -> None:
    async def work(site: Site) -> None:
        assert (await site.post(postmark(Mail(message_id="<first@x>")))).status == 200
        answer = await site.post(one_of_each()[name])
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1

    on_site(open_door, work, max_backlog=1)
    assert read_totals(client).accepted == 1


def test_what_is_no_ticket_waits_outside_while_memory_is_short(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(site: Site) -> Answer:
        site.door.pressure = Pressure(1.0)
        return await site.post(Request("/v1/inbound/postmark", JSON | BASIC, b"{}"))

    assert on_site(open_door, work).status == 503
    assert client.dbsize() == 0


@pytest.mark.parametrize("name", MAILS)
def test_while_the_ledger_is_away_nothing_is_taken(open_door: OpenDoor, name: str) -> None:
    answer = on_site(
        open_door, lambda site: site.post(one_of_each()[name]), redis_url=f"redis://127.0.0.1:{free_port()}/0"
    )
    assert (answer.status, answer.json["error"]["code"]) == (503, "try_again")
    assert int(answer.headers["retry-after"]) >= 1


def test_an_error_of_ours_is_no_acceptance(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(site: Site) -> Answer:
        async def fail(*_: Any, **__: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(site.door, "accept", fail)
        return await site.post(postmark(Mail()))

    assert on_site(open_door, work).status == 503


def _recorded(name: str) -> list[Any]:
    return sorted((SHARED / "webhooks").glob(f"*/{name}__*.txt"))


@pytest.mark.skipif(not _recorded("cloudmailin"), reason="the shared data sets are not here")
def test_recorded_requests_are_tickets(open_door: OpenDoor, client: redis.Redis) -> None:
    async def work(site: Site) -> None:
        for name in ("cloudmailin", "postmark", "mandrill", "mailgun"):
            for file in _recorded(name):
                head, _, body = file.read_bytes().replace(b"\r\n\r\n", b"\n\n", 1).partition(b"\n\n")
                lines = (line.partition(":") for line in head.decode().splitlines()[1:])
                headers = {key.lower(): value.strip() for key, _, value in lines}
                answer = await site.post(Request(f"/v1/inbound/{name}", headers | BASIC, body))
                assert answer.status == 200, file.name
                assert answer.json["mails"][0]["result"] in {"accepted", "duplicate"}, file.name

    unsigned = {"mandrill_key": None, "mandrill_secret": SECRET, "mailgun_key": None, "mailgun_secret": SECRET}
    on_site(open_door, work, own=unsigned)
    assert read_totals(client).parked == 0


def test_a_form_that_is_not_mailguns_but_signed_is_kept(open_door: OpenDoor, client: redis.Redis) -> None:
    signed = mailgun(Mail())
    fields = {name: value for name, value in _fields(signed).items() if name in {"timestamp", "token", "signature"}}
    assert on_site(open_door, lambda site: site.post(form("/v1/inbound/mailgun", fields))).status == 200
    assert read_totals(client).parked == 1


def _fields(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))
