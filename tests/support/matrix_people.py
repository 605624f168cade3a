"""People on a homeserver, for tests: they talk its HTTP API directly, whichever server it is."""

import itertools
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol

PASSWORD = "correct horse"
_API = "/_matrix/client/v3"


class Homeserver(Protocol):
    """What tests need of a homeserver, the real one and the double."""

    url: str

    def start(self) -> None:
        """Start it (again) with all that it knew."""
        ...

    def stop(self) -> None:
        """Take it away."""
        ...

    def register(self, name: str) -> "Person":
        """Make an account, and log in."""
        ...


def call(url: str, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """Ask the homeserver; raises HTTPError."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


@dataclass
class Person:
    """Somebody with an account."""

    url: str
    id: str
    token: str
    _numbers: "itertools.count[int]"

    @classmethod
    def log_in(cls, url: str, name: str) -> "Person":
        """Log in with the password that all have."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": PASSWORD,
        }
        made = call(url, "POST", f"{_API}/login", body)
        return cls(url, made["user_id"], made["access_token"], itertools.count())

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API as this person."""
        return call(self.url, method, _API + path, body, self.token)

    def open_room(self, *invited: "Person", **options: Any) -> str:
        """Open a room; answers its id."""
        body = {"preset": "private_chat", "invite": [person.id for person in invited]} | options
        return str(self.ask("POST", "/createRoom", body)["room_id"])

    def join(self, room: str) -> None:
        """Follow an invitation."""
        self.ask("POST", f"/rooms/{_quoted(room)}/join", {})

    def invite(self, room: str, person: "Person") -> None:
        """Ask somebody in."""
        self.ask("POST", f"/rooms/{_quoted(room)}/invite", {"user_id": person.id})

    def kick(self, room: str, person: "Person") -> None:
        """Throw somebody out."""
        self.ask("POST", f"/rooms/{_quoted(room)}/kick", {"user_id": person.id})

    def joined(self) -> list[str]:
        """The rooms that this person is in."""
        return list(self.ask("GET", "/joined_rooms")["joined_rooms"])

    def send(self, room: str, content: Any, kind: str = "m.room.message") -> str:
        """Send an event; answers its id."""
        path = f"/rooms/{_quoted(room)}/send/{_quoted(kind)}/{next(self._numbers)}-{secrets.token_hex(4)}"
        return str(self.ask("PUT", path, content)["event_id"])

    def say(self, room: str, text: str, **content: Any) -> str:
        """Write a message; answers its event id."""
        return self.send(room, {"msgtype": "m.text", "body": text} | content)

    def edit(self, room: str, event_id: str, text: str) -> str:
        """Replace what a message says."""
        return self.say(
            room,
            f"* {text}",
            **{
                "m.new_content": {"msgtype": "m.text", "body": text},
                "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
            },
        )

    def redact(self, room: str, event_id: str) -> None:
        """Take a message back."""
        self.ask("PUT", f"/rooms/{_quoted(room)}/redact/{_quoted(event_id)}/{secrets.token_hex(6)}", {})


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")
