"""Our addresses: one setting for all mail sources, and each source's own."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from fleet.settings import Settings, load_settings
from producers.imap import source as imap
from producers.smtp import source as smtp
from producers.webhooks import source as webhooks

NEEDED = {
    "IMAP": {"HOST": "localhost", "USER": "u", "PASSWORD": "p"},
    "SMTP": {"RECIPIENTS": "support@acme.example"},
    "WEBHOOKS": {"POSTMARK_SECRET": "x"},
}
MAKERS: dict[str, Callable[[Settings], object]] = {
    "IMAP": imap.make_source,
    "SMTP": smtp.make_source,
    "WEBHOOKS": webhooks.make_source,
}


@pytest.fixture(params=list(MAKERS))
def role(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in NEEDED[request.param].items():
        monkeypatch.setenv(f"TRIAGE_{request.param}_{name}", text)
    return str(request.param)


def test_a_mail_source_without_our_addresses_says_so_once(role: str) -> None:
    with capture_logs() as logs:
        MAKERS[role](load_settings({}))
    (line,) = logs
    assert line["event"] == "own_addresses_unknown"
    assert "TRIAGE_OWN_ADDRESSES" in line["message"]


def test_the_common_addresses_and_the_source_s_own_hold_together(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TRIAGE_{role}_OWN", "Sales@acme.example")
    with capture_logs() as logs:
        made = MAKERS[role](load_settings({"TRIAGE_OWN_ADDRESSES": "help@acme.example"}))
    found = vars(made).get("_settings") or vars(made)["_own"]
    assert found.own == {"help@acme.example", "sales@acme.example"}
    assert not logs
