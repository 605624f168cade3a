"""An IMAP client whose answers are bounded in bytes, and that reads servers which write commands in small letters.

The library reads a literal of any length whole, and untagged lines for as long as they come.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.datetime_util import format_criteria_date  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientAbortError  # type: ignore[import-untyped]
from imapclient.imap4 import IMAP4WithTimeout  # type: ignore[import-untyped]
from imapclient.tls import IMAP4_TLS  # type: ignore[import-untyped]

from producers.imap.answers import found_uids, found_uids_extended, items_by_uid

ANSWER_BYTES = 4 * 1024 * 1024
"""Of an answer that holds no messages: a folder of a thousand names, a search that finds 50,000, has far less."""

_NAMES = re.compile(rb"(?:\* (?:\d+ )?|[A-P]{4}\d+ )[A-Za-z-]+(?: \[[A-Za-z-]+)?")
"""Of a line of the server, what the library knows in capitals only: the answer's name, and its response code."""


class _Bounded:
    """Mixed into the library's connections: each command is a new allowance of bytes."""

    next_allowance = ANSWER_BYTES
    _left = ANSWER_BYTES

    def send(self, data: bytes) -> None:
        """Send a command, or a part of one."""
        self._left, self.next_allowance = self.next_allowance, ANSWER_BYTES
        super().send(data)  # type: ignore[misc]  # the connection's

    def read(self, size: int) -> bytes:
        """Read a literal, unless it is larger than what is left of the allowance."""
        self._spend(size)
        return bytes(super().read(size))  # type: ignore[misc]  # the connection's

    def readline(self) -> bytes:
        """Read a line."""
        line = bytes(super().readline())  # type: ignore[misc]  # the connection's
        self._spend(len(line))
        names = _NAMES.match(line)
        return line[: names.end()].upper() + line[names.end() :] if names else line

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            # What follows cannot be read: the connection is of no more use.
            raise IMAPClientAbortError(f"the server sends {size:,} bytes, {-self._left:,} more than an answer may have")


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]  # the library is untyped
    pass


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc]  # the library is untyped
    pass


class Client(IMAPClient):  # type: ignore[misc]  # the library is untyped
    """The library's client over a bounded connection. Blocking; raises the library's errors."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Else each answer is written out for a debug log that nobody reads, at several times its size.
        self._imap.debug = 0

    def _create_IMAP4(self) -> Any:  # noqa: N802 - the library's name
        if self.ssl:
            return _Tls(self.host, self.port, self.ssl_context, self._timeout.connect)
        return _Plain(self.host, self.port, self._timeout.connect)

    def fetch_items(self, uids: Sequence[int], names: Sequence[bytes], most_bytes: int) -> dict[int, dict[bytes, Any]]:
        """Ask for items of messages, of which `most_bytes` are expected at most; what is not given is left out."""
        self._imap.next_allowance = ANSWER_BYTES + most_bytes
        kind, data = self._imap.uid("FETCH", ",".join(map(str, uids)), b"(%b)" % b" ".join(names))
        self._checkok("fetch", kind, data)
        return items_by_uid(data, set(uids))

    def search_uids(self, criteria: Sequence[str | date]) -> list[int]:
        """Search the folder."""
        words = [format_criteria_date(word).decode() if isinstance(word, date) else word for word in criteria]
        self._imap.untagged_responses.pop("ESEARCH", None)
        kind, data = self._imap.uid("SEARCH", *words)
        self._checkok("search", kind, data)
        return found_uids(data) or found_uids_extended(self._imap.untagged_responses.pop("ESEARCH", ()))
