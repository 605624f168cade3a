from pathlib import Path

import pytest

from fleet.ticket import Automated
from producers.mail.message import MailTicket, read_mail
from producers.rejection import Rejected

DATA = Path(__file__).parents[5] / "shared" / "data"
"""Raw mails of other projects' test suites; they lie beside the repository on the developers' machine only."""


def mails(name: str) -> list[Path]:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here: the collected mails are no part of the repository")
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in (".md", ".jsonl")]


@pytest.mark.parametrize("name", ["emails", "bounces"])
def test_every_collected_mail_is_read_without_a_crash(name: str) -> None:
    found = [read_mail(path.read_bytes()) for path in mails(name)]
    assert found
    assert not [made for made in found if isinstance(made, Rejected)]


def test_most_collected_bounces_are_recognised() -> None:
    found = [read_mail(path.read_bytes()) for path in mails("bounces/sisimai")]
    bounces = [made for made in found if isinstance(made, MailTicket) and made.ticket.automated is Automated.BOUNCE]
    assert len(bounces) >= 0.85 * len(found)
