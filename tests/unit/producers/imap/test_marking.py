from datetime import date
from typing import Any

import pytest

from fleet.settings import load_group
from producers.imap.marking import criteria, keeps_mark, put_away
from producers.imap.settings import PREFIX, Done, ImapSettings

NEEDED = {"TRIAGE_IMAP_HOST": "h", "TRIAGE_IMAP_USER": "u", "TRIAGE_IMAP_PASSWORD": "p"}


def settings(**changes: Any) -> ImapSettings:
    return load_group(ImapSettings, PREFIX, NEEDED, **changes)


class Commands:
    """Notes what a server is told that has these capabilities."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = capabilities
        self.told: list[str] = []

    def has_capability(self, name: str) -> bool:
        return name in self.capabilities

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_options: self.told.append(name)


def test_whether_a_person_has_read_it_does_not_matter() -> None:
    assert criteria(settings()) == ["UNDELETED", "UNKEYWORD", "$Triaged"]


def test_a_flag_of_the_protocol_has_a_search_of_its_own() -> None:
    assert criteria(settings(mark="\\Flagged")) == ["UNDELETED", "UNFLAGGED"]


def test_where_mail_is_moved_away_all_that_is_there_is_wanted() -> None:
    assert criteria(settings(done="move", since=date(2026, 2, 1))) == ["UNDELETED", "SINCE", date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("permanent", "mark", "kept"),
    [
        (None, "$Triaged", True),
        ((b"\\Seen", b"\\*"), "$Triaged", True),
        ((b"\\Seen", b"$triaged"), "$Triaged", True),
        ((b"\\Seen", b"\\Flagged"), "$Triaged", False),
        ((b"\\Seen", b"\\Flagged"), "\\Flagged", True),
        ((b"\\Seen", b"\\*"), "\\Flagged", False),
        ((), "$Triaged", False),
    ],
)
def test_a_mark_that_is_not_kept_is_noticed(permanent: tuple[bytes, ...] | None, mark: str, kept: bool) -> None:
    assert keeps_mark(permanent, mark) is kept


@pytest.mark.parametrize(
    ("way", "capabilities", "told"),
    [
        (Done.FLAG, (), ["add_flags"]),
        (Done.MOVE, ("MOVE", "UIDPLUS"), ["move"]),
        (Done.MOVE, ("UIDPLUS",), ["copy", "add_flags", "uid_expunge"]),
        (Done.MOVE, (), ["copy", "add_flags"]),
        (Done.DELETE, ("MOVE", "UIDPLUS"), ["add_flags", "uid_expunge"]),
        (Done.DELETE, (), ["add_flags"]),
    ],
)
def test_mail_of_others_is_never_expunged(way: Done, capabilities: tuple[str, ...], told: list[str]) -> None:
    commands = Commands(*capabilities)
    put_away(commands, [1, 2], way, settings())
    assert commands.told == told
