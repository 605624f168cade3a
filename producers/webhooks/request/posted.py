"""What somebody posted, read on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fleet.errors import InvalidTicketError
from producers.json_reader import JsonError, read_json
from producers.webhooks.request.form import Form, read_form


@dataclass(frozen=True)
class Posted:
    """A request: header names in small letters; `query` is what stands behind the `?`."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The content type without its parameters; guessed where it is missing."""
        stated = self.headers.get("content-type", "").split(";")[0].strip().lower()
        return stated or (
            "application/json" if self.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else ""
        )

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return self.kind == "application/json" or self.kind.endswith("+json")

    @cached_property
    def form(self) -> Form:
        """The body as a form, empty where it is JSON; raises InvalidTicketError where it is broken."""
        return Form((), ()) if self.is_json else read_form(self.headers.get("content-type", ""), self.body)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, None where it is a form; raises InvalidTicketError where it is broken."""
        return parse_json(self.body) if self.is_json else None

    @property
    def object(self) -> dict[str, Any]:
        """The body as a JSON object, empty where it is none."""
        return self.json if isinstance(self.json, dict) else {}


def parse_json(raw: bytes | str) -> Any:
    """Parse JSON; raises InvalidTicketError."""
    try:
        return read_json(raw.encode("utf-8", "replace") if isinstance(raw, str) else raw)
    except JsonError as error:
        raise InvalidTicketError(str(error)) from None
