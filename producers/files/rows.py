"""Rows of one file to tickets: keys that were named otherwise, replies that are split, and rows that repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import InvalidTicketError
from fleet.ticket import Ticket
from producers.files.jsonl import Row, producer_key, row_to_ticket
from producers.rejection import Rejected

_BY_CONTENT = "sha256:"


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that was read, the file and line it stands at, and the key to accept it under."""

    file: str
    line: int
    ticket: Ticket
    key: str


@dataclass(slots=True)
class RowReader:
    """Makes tickets of the rows of one file.

    `file` is its name; `names` says which key of a row holds which field of a ticket; `split_replies` takes quoted
    history and signatures out of the text, as is done with mail; `usual` finds the text of a row that has none under
    a name of ours.
    """

    file: str
    names: Mapping[str, str] = field(default_factory=dict)
    split_replies: bool = False
    usual: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    _times: dict[int, int] = field(default_factory=dict)

    def read(self, row: Row) -> Found | Rejected:
        """Make a ticket of a row. Never raises."""
        try:
            if self.names:
                row = Row(row.line, _renamed(row.values, self.names))
            if self.usual is not None and row.values.get("text") is None and row.values.get("body") is None:
                row = Row(row.line, self.usual(row.values))
            if self.split_replies:
                row = Row(row.line, _split(row.values))
            made = row_to_ticket(row)
            if isinstance(made, Rejected):
                return made
            return Found(self.file, row.line, made, self._counted(producer_key(row, made)))
        except InvalidTicketError as error:
            return Rejected(row.line, str(error))
        except Exception as error:  # noqa: BLE001 - a row that breaks a parser must not end the file
            return Rejected(row.line, f"the parser failed on this row: {type(error).__name__}")

    def _counted(self, key: str) -> str:
        """Tell rows of the same content apart: without an id, two customers may say the same.

        Counted, so that a second reading of the file gives the same keys, and a row that is added changes no other's.
        """
        if not key.startswith(_BY_CONTENT):
            return key
        short = int(key[len(_BY_CONTENT) :][:16], 16)  # a hundred bytes of memory a row; the whole would be three
        times = self._times[short] = self._times.get(short, 0) + 1
        return key if times == 1 else f"{key}:{times}"


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    taken = dict(values)
    own = dict(values["fields"]) if isinstance(values.get("fields"), dict) else {}
    for name, column in names.items():
        if name.startswith("fields."):
            own[name.removeprefix("fields.")] = values.get(column)
        else:
            taken[name] = values.get(column)
    if "body" in names:
        taken.pop("text", None)  # it would go first
    return taken | ({"fields": own} if own else {})


def _split(values: Mapping[str, Any]) -> dict[str, Any]:
    from producers.mail.reply.split import split_reply  # it brings libraries that plain rows do without

    name = "text" if values.get("text") is not None else "body"
    text = values.get(name)
    if not isinstance(text, str):
        return dict(values)
    reply = split_reply(text)
    beside = {"forwarded": reply.forwarded, "quoted": reply.quoted, "signature": reply.signature}
    return {**values, name: reply.body, **beside}
