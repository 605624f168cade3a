"""One file of any format, read as a stream of tickets and of what could be none."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from producers.files.formats import Format
from producers.files.help_desks import UsualNames
from producers.files.jsonl import Row
from producers.files.rows import Found, RowReader
from producers.rejection import Rejected

_NAMED = 5
"""Lines that are named one by one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: a format that is forced, names of columns by field, and whether rows hold whole replies.

    `own` are our addresses: by them our own words and our groups are known in mails.
    """

    format: Format | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    split_replies: bool = False
    own: frozenset[str] = frozenset()


def read_file(
    file: io.BufferedReader, kind: Format, name: str, reading: Reading, told: Callable[[str], None]
) -> Iterator[Found | Rejected]:
    """Read a file to its end; `told` hears what was guessed. Raises OSError only."""
    match kind:
        case Format.JSONL:
            from producers.files.json_file import read_json_file

            usual = None if reading.names else UsualNames(told)
            return _rows(read_json_file(file), RowReader(name, reading.names, reading.split_replies, usual))
        case Format.CSV:
            from producers.files.tables.table import read_table

            return _rows(read_table(file, reading.names, told), RowReader(name, {}, reading.split_replies))
        case Format.MBOX:
            return _mailbox(file, name, reading.own, told)
        case _:
            return _single(file, kind, name, reading.own)


def _rows(rows: Iterator[Row | Rejected], reader: RowReader) -> Iterator[Found | Rejected]:
    for row in rows:
        yield reader.read(row) if isinstance(row, Row) else row


def _mailbox(
    file: io.BufferedReader, name: str, own: frozenset[str], told: Callable[[str], None]
) -> Iterator[Found | Rejected]:
    from producers.files.mbox import read_mbox
    from producers.files.messages import read_message

    doubted: list[int] = []
    for message in read_mbox(file, doubted.append):
        if isinstance(message, Rejected):
            yield message
            continue
        made = read_message(message.raw, Format.EML, name, own)
        if isinstance(made, Rejected):
            yield Rejected(message.line, made.reason)
        else:
            yield Found(name, message.line, made.ticket, made.key)
    if doubted:
        told(f"{len(doubted):,} lines look like the start of a message and are read as text: line {_listed(doubted)}")


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(f"{line:,}" for line in lines[:_NAMED]) + (", …" if len(lines) > _NAMED else "")


def _single(file: io.BufferedReader, kind: Format, name: str, own: frozenset[str]) -> Iterator[Found | Rejected]:
    from producers.files.messages import read_message
    from producers.mail.message import MAX_MAIL_BYTES

    made = read_message(file.read(MAX_MAIL_BYTES + 1), kind, PurePath(name).name, own)
    yield made if isinstance(made, Rejected) else Found(name, 1, made.ticket, made.key)
