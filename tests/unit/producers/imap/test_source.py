import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from fleet.settings import load_settings
from producers.imap.failures import LOGIN_RETRY_S, LoginRefusedError, MailServerError
from producers.imap.source import LOG_IN_AGAIN, again_in_s, make_source
from producers.imap.standing import Standing
from producers.intake.metrics import IntakeMetrics
from producers.intake.status import Status


def test_a_lost_connection_is_made_again_soon_and_a_refused_login_late() -> None:
    assert again_in_s(MailServerError("gone"), 0, 1.0) <= 1
    assert again_in_s(MailServerError("gone"), 50, 1.0) <= 30
    assert again_in_s(LoginRefusedError("no"), 0, 0.0) == LOGIN_RETRY_S
    assert again_in_s(LoginRefusedError("no"), 50, 1.0) == LOG_IN_AGAIN.longest_s


def test_a_source_is_up_when_all_its_folders_are() -> None:
    metrics = IntakeMetrics("imap", CollectorRegistry())
    status = Status(metrics)
    standing = Standing(status, metrics, ("INBOX", "Support"))
    standing.up("INBOX")
    assert not status.describe()["source_up"]
    standing.up("Support")
    assert status.describe()["source_up"]
    standing.down("Support", "no such folder")
    assert status.describe()["source"] == "no such folder"
    standing.up("Support")
    assert status.describe()["source_up"]


def test_mail_that_is_withheld_in_any_folder_is_counted_and_told() -> None:
    metrics = IntakeMetrics("imap", CollectorRegistry())
    status = Status(metrics)
    status.ledger_answered()
    standing = Standing(status, metrics, ("INBOX", "Support"))
    memories = {folder: standing.remember(folder) for folder in ("INBOX", "Support")}
    for _ in range(2):
        memories["Support"].suspects.broke([7], "gone")
    for folder in memories:
        standing.up(folder)
    assert not status.is_ready
    assert "Support: the server does not give 1 mail (UID 7)" in status.describe()["source"]
    assert metrics.registry.get_sample_value("triage_source_withheld_messages", {"producer": "imap"}) == 1
    memories["Support"].are_there([])
    standing.up("Support")
    assert status.is_ready


@pytest.mark.parametrize(("tls", "warned"), [("plain", True), ("ssl", False)])
def test_an_unprotected_connection_is_warned_of(monkeypatch: pytest.MonkeyPatch, tls: str, warned: bool) -> None:
    for name, text in {"HOST": "localhost", "USER": "u", "PASSWORD": "p", "TLS": tls}.items():
        monkeypatch.setenv(f"TRIAGE_IMAP_{name}", text)
    with capture_logs() as logs:
        make_source(load_settings({"TRIAGE_OWN_ADDRESSES": "help@acme.example"}))
    assert [entry["event"] for entry in logs] == (["unencrypted"] if warned else [])
