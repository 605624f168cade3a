"""Plays those who post webhooks: requests of each provider, signed as it signs them.

By hand, `python -m tests.servers.webhook_sender` prints what to set for the producer, and posts one of each.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks.webhooks import Webhook

SECRET = "secret-of-the-test"
KEY = "key-of-the-test"
MESSAGES_KEY = "whsec_" + base64.b64encode(b"messages of the test, 32 bytes..").decode()
MANDRILL_URL = "https://hooks.example.com/v1/inbound/mandrill?a=b"
SENDGRID_PRIVATE = ec.derive_private_key(0x1234_5678_9ABC_DEF0, ec.SECP256R1())
SENDGRID_KEY = base64.b64encode(
    SENDGRID_PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()

SETTINGS = {
    "postmark_secret": SECRET,
    "mailgun_key": KEY,
    "mandrill_key": KEY,
    "mandrill_url": MANDRILL_URL,
    "sendgrid_key": SENDGRID_KEY,
    "cloudmailin_secret": SECRET,
    "messages_key": MESSAGES_KEY,
}
"""Fields of the settings under which all that is made here is believed."""

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
BASIC = {"authorization": "Basic " + base64.b64encode(f"any:{SECRET}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted."""

    path: str
    headers: dict[str, str]
    body: bytes

    def without(self, *names: str) -> "Request":
        """The same without some headers."""
        return Request(self.path, {name: value for name, value in self.headers.items() if name not in names}, self.body)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that a provider took; `files` are names with contents."""

    text: str = "My card was charged twice"
    subject: str = "Charged twice"
    sender: str = "Ann <ann@example.net>"
    message_id: str = "<m1@example.net>"
    html: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers."""
        return [
            ("From", self.sender),
            ("To", "help@example.com"),
            ("Subject", self.subject),
            ("Message-ID", self.message_id),
            ("Date", "Tue, 24 Nov 2026 08:00:00 +0000"),
        ]

    @property
    def raw(self) -> bytes:
        """All of it, as it came."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{self.text}\r\n".encode()


def postmark(mail: Mail) -> Request:
    """Postmark: JSON, believed by basic auth."""
    own = {
        "From": "ann@example.net",
        "FromFull": {"Email": "ann@example.net", "Name": "Ann"},
        "To": "help@example.com",
        "Subject": mail.subject,
        "MessageID": "0b7f-of-postmark",
        "Date": dict(mail.headers)["Date"],
        "TextBody": mail.text,
        "HtmlBody": mail.html,
        "Headers": [{"Name": "Message-ID", "Value": mail.message_id}],
        "Attachments": [
            {"Name": name, "ContentType": "application/pdf", "Content": base64.b64encode(content).decode()}
            for name, content in mail.files.items()
        ],
    }
    return Request("/v1/inbound/postmark", JSON | BASIC, json.dumps(own).encode())


def mailgun(mail: Mail, *, is_raw: bool = False, at: float | None = None, token: str = "", key: str = KEY) -> Request:
    """Mailgun: a form with its signature inside."""
    timestamp, token = str(int(time.time() if at is None else at)), token or secrets.token_hex(25)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    fields = {"timestamp": timestamp, "token": token, "signature": signature, "recipient": "help@example.com"}
    if is_raw:
        return form("/v1/inbound/mailgun", fields | {"body-mime": mail.raw.decode()})
    pieces = {"message-headers": json.dumps(mail.headers), "body-plain": mail.text, "body-html": mail.html}
    if not mail.files:
        return form("/v1/inbound/mailgun", fields | pieces)
    return multipart("/v1/inbound/mailgun", fields | pieces, mail.files)


def mandrill(*mails: Mail, key: str = KEY, url: str = MANDRILL_URL, **more: Any) -> Request:
    """Mandrill: a form with events, its signature in a header."""
    events = [{"event": "inbound", "ts": 1, "msg": {"raw_msg": mail.raw.decode()} | more} for mail in mails]
    written = json.dumps(events)
    made = hmac.new(key.encode(), f"{url}mandrill_events{written}".encode(), hashlib.sha1).digest()
    request = form("/v1/inbound/mandrill", {"mandrill_events": written})
    signature = {"x-mandrill-signature": base64.b64encode(made).decode()}
    return Request(request.path, request.headers | signature, request.body)


def sendgrid(mail: Mail, *, is_raw: bool = False, at: float | None = None) -> Request:
    """SendGrid: a multipart form, its signature in a header."""
    fields = {"envelope": json.dumps({"from": "ann@example.net"}), "SPF": "pass", "charsets": '{"text":"UTF-8"}'}
    if is_raw:
        fields["email"] = mail.raw.decode()
    else:
        block = "".join(f"{name}: {value}\n" for name, value in mail.headers)
        fields |= {"headers": block, "from": mail.sender, "subject": mail.subject, "text": mail.text, "html": mail.html}
    request = multipart("/v1/inbound/sendgrid", fields, mail.files)
    timestamp = str(int(time.time() if at is None else at))
    made = SENDGRID_PRIVATE.sign(timestamp.encode() + request.body, ec.ECDSA(hashes.SHA256()))
    name = "x-twilio-email-event-webhook"
    own = {f"{name}-timestamp": timestamp, f"{name}-signature": base64.b64encode(made).decode()}
    return Request(request.path, request.headers | own, request.body)


def cloudmailin(mail: Mail, kind: str = "json") -> Request:
    """CloudMailin: JSON, a multipart form, or the whole mail in one ("raw"); believed by basic auth."""
    path, envelope = "/v1/inbound/cloudmailin", {"from": "ann@example.net", "to": "help@example.com"}
    if kind == "json":
        own = {
            "headers": {name.lower().replace("-", "_"): value for name, value in mail.headers},
            "envelope": envelope,
            "plain": mail.text,
            "html": mail.html,
            "attachments": [
                {"file_name": name, "content_type": "application/pdf", "content": base64.b64encode(content).decode()}
                for name, content in mail.files.items()
            ],
        }
        return Request(path, JSON | BASIC, json.dumps(own).encode())
    noted = {f"envelope[{name}]": value for name, value in envelope.items()}
    if kind == "raw":
        request = multipart(path, noted | {"message": mail.raw.decode()}, {})
    else:
        pieces = {f"headers[{name}]": value for name, value in mail.headers} | {"plain": mail.text, "html": mail.html}
        request = multipart(path, noted | pieces, mail.files)
    return Request(path, request.headers | BASIC, request.body)


def message(
    event: dict[str, Any] | bytes, *, name: str = "", at: float | None = None, key: str = MESSAGES_KEY
) -> Request:
    """A chat message, signed in the Standard Webhooks format."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    name, timestamp = name or f"msg_{secrets.token_hex(8)}", int(time.time() if at is None else at)
    signature = Webhook(key).sign(name, datetime.fromtimestamp(timestamp, UTC), body.decode())
    own = {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
    return Request("/v1/messages", JSON | own, body)


def created(number: int = 1, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """The event of a new message."""
    data = {"id": f"m{number}", "conversation": "room", "author": f"ann{number}", "text": text}
    return {"type": "message.created", "data": data | {"sent_at": "2026-11-24T08:00:00Z"} | more}


def form(path: str, fields: dict[str, str]) -> Request:
    """Make an urlencoded form."""
    return Request(path, dict(URLENCODED), urlencode(fields).encode())


def multipart(path: str, fields: dict[str, str], files: dict[str, bytes]) -> Request:
    """Make a multipart form; files are called attachment1, attachment2, …"""
    head = 'Content-Disposition: form-data; name="'
    parts = [f'{head}{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for number, (name, content) in enumerate(files.items(), 1):
        own = f'{head}attachment{number}"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        parts.append(own.encode() + content)
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return Request(path, {"content-type": "multipart/form-data; boundary=edge"}, body)


def one_of_each() -> dict[str, Request]:
    """A request of every kind, each with a mail of its own."""
    return {
        "postmark": postmark(Mail(message_id="<postmark@x>")),
        "mailgun": mailgun(Mail(message_id="<mailgun@x>")),
        "mailgun, raw": mailgun(Mail(message_id="<mailgun.raw@x>"), is_raw=True),
        "mandrill": mandrill(Mail(message_id="<mandrill@x>")),
        "sendgrid": sendgrid(Mail(message_id="<sendgrid@x>")),
        "sendgrid, raw": sendgrid(Mail(message_id="<sendgrid.raw@x>"), is_raw=True),
        "cloudmailin, json": cloudmailin(Mail(message_id="<cloudmailin@x>")),
        "cloudmailin, multipart": cloudmailin(Mail(message_id="<cloudmailin.m@x>"), "multipart"),
        "cloudmailin, raw": cloudmailin(Mail(message_id="<cloudmailin.raw@x>"), "raw"),
        "message": message(created()),
    }


def post(base: str, request: Request) -> tuple[int, str]:
    """Post it; answers status and body, (0, why) where nobody answers."""
    made = urllib.request.Request(base + request.path, request.body, request.headers)
    try:
        with urllib.request.urlopen(made, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)


def wait_until_heard(base: str) -> None:
    """Wait until somebody listens there, however long it takes."""
    address = urlsplit(base)
    port = address.port or (443 if address.scheme == "https" else 80)
    sys.stdout.write(f"# One of each kind is posted as soon as somebody listens at {base} (Ctrl-C ends).\n")
    sys.stdout.flush()
    while True:
        try:
            socket.create_connection((address.hostname or "127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return


def main() -> None:
    """Print the settings, wait until somebody listens, then post one of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8081")
    base = parser.parse_args().url
    lines = [f"export TRIAGE_WEBHOOKS_{name.upper()}='{value}'" for name, value in SETTINGS.items()]
    lines = ["# In another terminal (TRIAGE_REDIS_URL set):", *lines, "triage ingest webhooks", ""]
    sys.stdout.write("\n".join(lines))
    wait_until_heard(base)
    for name, request in one_of_each().items():
        status, answer = post(base, request)
        sys.stdout.write(f"{name}: {status} {answer}\n")


if __name__ == "__main__":
    main()
