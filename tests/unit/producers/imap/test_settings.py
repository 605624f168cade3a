from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.settings import load_group
from producers.imap.connection import trust
from producers.imap.settings import PREFIX, Done, ImapSettings, Tls

NEEDED = {"TRIAGE_IMAP_HOST": "mail.example.com", "TRIAGE_IMAP_USER": "support", "TRIAGE_IMAP_PASSWORD": "secret"}


def load(**changes: str) -> ImapSettings:
    return load_group(ImapSettings, PREFIX, NEEDED | {PREFIX + name.upper(): text for name, text in changes.items()})


def test_tls_and_marking_are_what_happens_unless_told_otherwise() -> None:
    found = load()
    assert (found.tls, found.done, found.mark, found.folders) == (Tls.SSL, Done.FLAG, "$Triaged", ("INBOX",))
    assert found.where == "mail.example.com:993"
    assert load(tls="starttls").where == "mail.example.com:143"


def test_lists_are_separated_by_commas() -> None:
    found = load(folders="INBOX, Support ,", own="Help@Example.com,sales@example.com")
    assert found.folders == ("INBOX", "Support")
    assert found.own == {"help@example.com", "sales@example.com"}


def test_the_password_never_shows() -> None:
    assert "secret" not in repr(load())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"token_file": "/tmp/token"}, "TRIAGE_IMAP_TOKEN_FILE"),
        ({"password": ""}, "TRIAGE_IMAP_PASSWORD"),
        ({"folders": " , "}, "TRIAGE_IMAP_FOLDERS"),
        ({"done": "move", "done_folder": "INBOX"}, "TRIAGE_IMAP_DONE_FOLDER"),
        ({"mark": "two words"}, "TRIAGE_IMAP_MARK"),
        ({"mark": "\\Seen"}, "TRIAGE_IMAP_MARK"),
        ({"folders": "INBOX\r\nA1 DELETE INBOX"}, "control characters"),
        ({"host": ""}, "TRIAGE_IMAP_HOST"),
        ({"tls": "none"}, "TRIAGE_IMAP_TLS"),
        ({"poll_s": "3600"}, "TRIAGE_IMAP_POLL_S"),
        ({"since": "yesterday"}, "TRIAGE_IMAP_SINCE"),
        ({"max_bytes": "0"}, "TRIAGE_IMAP_MAX_BYTES"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        load(**changes)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match="TRIAGE_IMAP_CA_FILE"):
        trust(load(ca_file=str(file)))
