from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from fleet.settings import load_group
from producers.imap.failures import MailServerError
from producers.imap.mailbox import Mailbox
from producers.imap.memory import Memory
from producers.imap.settings import PREFIX, ImapSettings

NEEDED = {"TRIAGE_IMAP_HOST": "h", "TRIAGE_IMAP_USER": "u", "TRIAGE_IMAP_PASSWORD": "p"}


class Server:
    """Answers as the IMAP library would for a server where `exists` comes true while a folder is made."""

    def __init__(self, *, exists: bool = False, permanent: tuple[bytes, ...] = (b"\\*",)) -> None:
        self._exists = exists
        self._permanent = permanent
        self._asked = 0

    def folder_exists(self, _name: str) -> bool:
        self._asked += 1
        return self._exists and self._asked > 1

    def create_folder(self, _name: str) -> None:
        raise IMAPClientError("create failed")

    def select_folder(self, _name: str) -> dict[bytes, Any]:
        return {b"EXISTS": 3, b"UIDVALIDITY": 1, b"PERMANENTFLAGS": self._permanent}


def mailbox(server: Server, **changes: Any) -> Mailbox:
    return Mailbox(server, "INBOX", load_group(ImapSettings, PREFIX, NEEDED, **changes), Memory("INBOX"))


def test_a_folder_that_another_process_has_made_meanwhile_will_do() -> None:
    mailbox(Server(exists=True), done="move").prepare()


def test_a_folder_that_cannot_be_made_is_an_error() -> None:
    with pytest.raises(IMAPClientError):
        mailbox(Server(), done="move").prepare()


def test_a_server_that_keeps_no_mark_is_not_used_for_marking() -> None:
    with pytest.raises(MailServerError, match="TRIAGE_IMAP_DONE=move"):
        mailbox(Server(permanent=(b"\\Seen", b"\\Flagged"))).select()
    assert mailbox(Server(permanent=(b"\\Seen",)), done="move").select() == 3
