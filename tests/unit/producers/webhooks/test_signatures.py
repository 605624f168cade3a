"""Who is believed: the proofs of each provider, one by one."""

import base64
from typing import Any

import pytest
from pydantic import SecretStr

from fleet.errors import ConfigurationError
from producers.intake.metrics import Refusal
from producers.webhooks.messages.signed import doubt_message, make_signers
from producers.webhooks.request.posted import Posted
from producers.webhooks.settings import WebhookSettings
from producers.webhooks.trust.gates import make_gates
from producers.webhooks.trust.signatures import ecdsa_verifier
from tests.servers.webhook_sender import (
    BASIC,
    MESSAGES_KEY,
    SECRET,
    SETTINGS,
    Mail,
    Request,
    cloudmailin,
    created,
    mailgun,
    mandrill,
    message,
    multipart,
    postmark,
    sendgrid,
)

NOW = 1_800_000_000.0
DAY_S = 86_400
OTHER_KEY = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()


def doubt(request: Request, *, query: dict[str, str] | None = None, **settings: Any) -> Refusal | None:
    own = WebhookSettings.model_validate(SETTINGS | settings)
    gate = make_gates(own)[request.path.rpartition("/")[2]]
    return gate.doubt(Posted(request.headers, request.body, query or {}), NOW)


def changed(request: Request, old: bytes, new: bytes) -> Request:
    assert old in request.body
    return Request(request.path, request.headers, request.body.replace(old, new))


GOOD = {
    "postmark": postmark(Mail()),
    "cloudmailin": cloudmailin(Mail()),
    "cloudmailin multipart": cloudmailin(Mail(), "multipart"),
    "mailgun": mailgun(Mail(), at=NOW),
    "mailgun with a file": mailgun(Mail(files={"a.pdf": b"1"}), at=NOW),
    "mandrill": mandrill(Mail()),
    "sendgrid": sendgrid(Mail(), at=NOW),
}


@pytest.mark.parametrize("name", list(GOOD))
def test_who_gives_the_proof_is_believed(name: str) -> None:
    assert doubt(GOOD[name]) is None


@pytest.mark.parametrize("name", list(GOOD))
def test_under_other_secrets_nobody_is(name: str) -> None:
    others: dict[str, Any] = {
        "postmark_secret": "other",
        "cloudmailin_secret": "other",
        "mailgun_key": "other",
        "mandrill_key": "other",
        "sendgrid_key": None,
        "sendgrid_secret": "other",
    }
    assert doubt(GOOD[name], **others) in {Refusal.SIGNATURE, Refusal.MISSING}


@pytest.mark.parametrize("name", ["postmark", "cloudmailin", "mailgun", "mandrill", "sendgrid"])
def test_while_a_secret_is_replaced_both_hold(name: str) -> None:
    keys = ("postmark_secret", "cloudmailin_secret", "mailgun_key", "mandrill_key")
    both: dict[str, Any] = {key: f"new-one, {SETTINGS[key]}" for key in keys}
    assert doubt(GOOD[name], **both) is None


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (postmark(Mail()).without("authorization"), Refusal.MISSING),
        (cloudmailin(Mail()).without("authorization"), Refusal.MISSING),
        (mandrill(Mail()).without("x-mandrill-signature"), Refusal.MISSING),
        (sendgrid(Mail()).without("x-twilio-email-event-webhook-signature"), Refusal.MISSING),
        (sendgrid(Mail()).without("x-twilio-email-event-webhook-timestamp"), Refusal.MISSING),
        (changed(mailgun(Mail(), at=NOW), b"signature=", b"signed="), Refusal.MISSING),
        (changed(mailgun(Mail(), at=NOW), b"token=", b"taken="), Refusal.MISSING),
        (changed(mailgun(Mail(), at=NOW, token="abc"), b"token=abc", b"token=abd"), Refusal.SIGNATURE),
        (changed(mailgun(Mail(), at=NOW), b"signature=", b"signature=%C3%A9"), Refusal.SIGNATURE),
        (mailgun(Mail(), at=NOW - 301), Refusal.STALE),
        (mailgun(Mail(), at=NOW + 301), Refusal.STALE),
        (changed(mandrill(Mail()), b"card", b"cord"), Refusal.SIGNATURE),
        (mandrill(Mail(), url="https://hooks.example.com/v1/inbound/mandrill"), Refusal.SIGNATURE),
        (mandrill(Mail(), key="test-webhook"), Refusal.SIGNATURE),
        (changed(sendgrid(Mail(), at=NOW), b"card", b"cord"), Refusal.SIGNATURE),
        (sendgrid(Mail(), at=NOW - 4 * DAY_S), Refusal.STALE),
        (sendgrid(Mail(), at=NOW + 4 * DAY_S), Refusal.STALE),
    ],
)
def test_what_is_not_proved_is_refused_with_the_reason(request_: Request, why: Refusal) -> None:
    assert doubt(request_) is why


@pytest.mark.parametrize("signature", ["", "é", "not base64", "AAAA", "MAYCAQECAQE="])
def test_a_signature_of_sendgrid_that_is_none_is_refused(signature: str) -> None:
    request = sendgrid(Mail(), at=NOW)
    request.headers["x-twilio-email-event-webhook-signature"] = signature
    assert doubt(request) in {Refusal.MISSING, Refusal.SIGNATURE}


def test_mailgun_signs_timestamps_that_are_no_numbers_in_vain() -> None:
    assert doubt(mailgun(Mail(), at=NOW), tolerance_s=300) is None
    request = multipart("/v1/inbound/mailgun", {"timestamp": "now", "token": "t", "signature": "s"}, {})
    assert doubt(request) is Refusal.SIGNATURE


@pytest.mark.parametrize(
    ("header", "query", "why"),
    [
        (BASIC["authorization"], {}, None),
        (f"Bearer {SECRET}", {}, None),
        (f"bearer  {SECRET}", {}, None),
        ("", {"secret": SECRET}, None),
        ("", {}, Refusal.MISSING),
        ("", {"secret": ""}, Refusal.MISSING),
        ("", {"secret": "é"}, Refusal.SIGNATURE),
        ("Bearer wrong", {"secret": SECRET}, Refusal.SIGNATURE),
        ("Basic é", {}, Refusal.MISSING),
        ("Basic " + base64.b64encode(b"no colon").decode(), {}, Refusal.MISSING),
        ("Basic " + base64.b64encode(f"{SECRET}:".encode()).decode(), {}, Refusal.MISSING),
        ("Basic " + base64.b64encode(f"a:{SECRET}x".encode()).decode(), {}, Refusal.SIGNATURE),
        (f"Digest {SECRET}", {}, Refusal.MISSING),
    ],
)
def test_a_secret_is_said_as_password_token_or_in_the_url(
    header: str, query: dict[str, str], why: Refusal | None
) -> None:
    request = postmark(Mail())
    request.headers["authorization"] = header
    assert doubt(request, query=query) is why


def test_where_key_and_secret_are_set_both_are_asked_for() -> None:
    assert doubt(GOOD["mailgun"], mailgun_secret="more") is Refusal.MISSING
    assert doubt(GOOD["mailgun"], mailgun_secret="more", mailgun_key="other", query={"secret": "more"}) is not None
    assert doubt(GOOD["mailgun"], mailgun_secret="more", query={"secret": "more"}) is None


def test_a_provider_without_a_secret_has_no_gate() -> None:
    assert list(make_gates(WebhookSettings(postmark_secret=SecretStr("x")))) == ["postmark"]
    assert list(make_gates(WebhookSettings(messages_key=SecretStr("x")))) == []


@pytest.mark.parametrize("key", ["not base64!", "AAAA", ""])
def test_a_broken_public_key_stops_the_start(key: str) -> None:
    with pytest.raises(ConfigurationError, match="SENDGRID_KEY"):
        ecdsa_verifier(key)


def doubt_of(request: Request, *secrets: str) -> Refusal | None:
    return doubt_message(Posted(request.headers, request.body), make_signers(secrets or (MESSAGES_KEY,)), NOW, 300)


def test_a_signed_message_is_believed_under_any_of_the_secrets() -> None:
    assert doubt_of(message(created(), at=NOW)) is None
    assert doubt_of(message(created(), at=NOW), OTHER_KEY, MESSAGES_KEY) is None
    assert doubt_of(message(created(), at=NOW), OTHER_KEY) is Refusal.SIGNATURE


def test_one_of_several_signatures_is_enough() -> None:
    request = message(created(), at=NOW)
    request.headers["webhook-signature"] = f"v1a,AAAA é v1 {request.headers['webhook-signature']}"
    assert doubt_of(request) is None


@pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
def test_a_message_without_a_part_of_its_proof_is_refused(name: str) -> None:
    assert doubt_of(message(created(), at=NOW).without(f"webhook-{name}")) is Refusal.MISSING


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"webhook-id": "another"}, Refusal.SIGNATURE),
        ({"webhook-timestamp": str(int(NOW) + 1)}, Refusal.SIGNATURE),
        ({"webhook-timestamp": "now"}, Refusal.STALE),
        ({"webhook-timestamp": "9" * 40}, Refusal.STALE),
        ({"webhook-signature": "v1,"}, Refusal.SIGNATURE),
        ({"webhook-signature": "\u00e9"}, Refusal.SIGNATURE),
    ],
)
def test_a_message_whose_proof_was_changed_is_refused(headers: dict[str, str], why: Refusal) -> None:
    request = message(created(), at=NOW)
    assert doubt_of(Request(request.path, request.headers | headers, request.body)) is why


@pytest.mark.parametrize("late_s", [-301, 301])
def test_an_old_or_future_message_is_stale(late_s: int) -> None:
    assert doubt_of(message(created(), at=NOW + late_s)) is Refusal.STALE


def test_a_message_that_is_no_text_is_refused() -> None:
    request = message(created(), at=NOW)
    assert doubt_of(Request(request.path, request.headers, b"\xff")) is Refusal.SIGNATURE


@pytest.mark.parametrize("secret", ["whsec_", "whsec_a"])
def test_a_broken_secret_of_messages_stops_the_start(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="MESSAGES_KEY"):
        make_signers([secret])
