"""What providers tell of mail that was sent comes to the same URL, and is no mail."""

import json
import time
from typing import Any

import pytest

from producers.intake.metrics import Refusal
from producers.rejection import Rejected
from producers.webhooks.dump import read_dump
from producers.webhooks.providers.registry import PROVIDERS
from producers.webhooks.request.posted import Posted
from producers.webhooks.trust.signatures import doubt_mailgun
from tests.servers.webhook_sender import KEY, Mail, form, mailgun, postmark

EVENTS: dict[str, Any] = {
    "postmark bounce": {"RecordType": "Bounce", "MessageID": "x", "From": "a@x", "Email": "b@x", "BouncedAt": "…"},
    "postmark complaint": {"RecordType": "SpamComplaint", "MessageID": "x", "From": "a@x", "Subject": "s"},
    "postmark delivery": {"RecordType": "Delivery", "MessageID": "x", "Recipient": "b@x"},
    "postmark open": {"RecordType": "Open", "MessageID": "x", "FirstOpen": True},
    "postmark bounce of old": {"ID": 1, "Type": "HardBounce", "MessageID": "x", "From": "a@x", "BouncedAt": "…"},
    "mailgun": {"signature": {"token": "t"}, "event-data": {"event": "failed", "message": {"headers": {}}}},
    "sendgrid": [{"email": "b@x", "event": "delivered", "sg_event_id": "x"}, {"email": "b@x", "event": "open"}],
    "cloudmailin": {"event": "bounced", "message_id": "x", "to": "b@x"},
}


def as_json(content: Any) -> Posted:
    return Posted({"content-type": "application/json"}, json.dumps(content).encode())


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_brings_no_mail_and_is_no_error(name: str) -> None:
    provider = PROVIDERS[name.split(maxsplit=1)[0]]
    posted = as_json(EVENTS[name])
    assert provider.is_mine(posted)
    assert provider.mails(posted) == []


def test_an_event_of_mailgun_in_the_form_of_old_brings_no_mail() -> None:
    fields = {"event": "bounced", "recipient": "b@x", "message-headers": '[["Subject", "Hi"]]', "token": "t"}
    request = form("/v1/inbound/mailgun", fields)
    assert PROVIDERS["mailgun"].mails(Posted(request.headers, request.body)) == []


def test_a_mail_with_a_header_called_event_is_a_mail() -> None:
    request = form("/v1/inbound/mailgun", {"event": "the fair", "from": "a@x", "body-plain": "My card"})
    assert len(PROVIDERS["mailgun"].mails(Posted(request.headers, request.body))) == 1


@pytest.mark.parametrize("kind", ["Inbound", "inbound", "", None])
def test_a_record_that_is_inbound_is_a_mail(kind: str | None) -> None:
    own = json.loads(postmark(Mail()).body) | {"RecordType": kind}
    assert len(PROVIDERS["postmark"].mails(as_json(own))) == 1


def test_a_recorded_event_is_told_to_bring_no_mail() -> None:
    found = read_dump(
        b"POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n" + as_json(EVENTS["postmark bounce"]).body
    )
    assert found == Rejected(1, "a request that brings no mail")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip", "GZIP"])
def test_a_recorded_request_that_is_compressed_is_told_so(coding: str) -> None:
    head = f"POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n\r\n"
    found = read_dump(head.encode() + b"\x1f\x8b\x08\x00\x00")
    assert isinstance(found, Rejected)
    assert "compressed" in found.reason


def test_events_of_mailgun_are_believed_by_the_signature_inside() -> None:
    now = time.time()
    request = mailgun(Mail(), at=now)
    fields = Posted(request.headers, request.body).form
    signature = {name: fields.text(name) for name in ("timestamp", "token", "signature")}
    event = {"signature": signature, "event-data": {"event": "delivered"}}
    assert doubt_mailgun(as_json(event), [KEY], now, 300) is None
    assert doubt_mailgun(as_json(event), ["another key"], now, 300) is Refusal.SIGNATURE
    assert doubt_mailgun(as_json({"event-data": {}}), [KEY], now, 300) is Refusal.MISSING
    assert doubt_mailgun(as_json({"signature": "x"}), [KEY], now, 300) is Refusal.MISSING
