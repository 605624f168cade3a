from ipaddress import ip_network
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.settings import load_group, load_settings
from producers.smtp.settings import PREFIX, SmtpSettings
from producers.smtp.source import make_source

OURS = {"TRIAGE_SMTP_RECIPIENTS": "support@example.com"}


def settings(**changes: str) -> SmtpSettings:
    return load_group(SmtpSettings, PREFIX, OURS | {PREFIX + name: value for name, value in changes.items()})


def test_lists_stand_between_commas() -> None:
    found = settings(RECIPIENTS="a@example.com, *@example.org", PEERS="192.0.2.0/24, 2001:db8::/32", OWN="A@b.c")
    assert found.recipients == ("a@example.com", "*@example.org")
    assert found.peers == (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))
    assert found.own == {"a@b.c"}


@pytest.mark.parametrize(
    ("listen", "address"),
    [("0.0.0.0:25", ("0.0.0.0", 25)), ("[::1]:2525", ("::1", 2525)), ("mail.internal:1", ("mail.internal", 1))],
)
def test_an_address_has_a_host_and_a_port(listen: str, address: tuple[str, int]) -> None:
    assert settings(LISTEN=listen).host_and_port == address


def test_a_unix_socket_is_named_by_its_path() -> None:
    assert settings(LISTEN="unix:/run/triage/lmtp").socket_path == "/run/triage/lmtp"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RECIPIENTS": ""}, "TRIAGE_SMTP_RECIPIENTS: is not set"),
        ({"RECIPIENTS": ", "}, "TRIAGE_SMTP_RECIPIENTS"),
        ({"LISTEN": "localhost"}, "TRIAGE_SMTP_LISTEN"),
        ({"LISTEN": "::1:25"}, "TRIAGE_SMTP_LISTEN"),
        ({"LISTEN": "localhost:70000"}, "TRIAGE_SMTP_LISTEN"),
        ({"PEERS": "192.0.2.1/24"}, "TRIAGE_SMTP_PEERS"),
        ({"PROTOCOL": "uucp"}, "TRIAGE_SMTP_PROTOCOL"),
        ({"CERT_FILE": __file__}, "TRIAGE_SMTP_KEY_FILE"),
        ({"CERT_FILE": "/no.pem", "KEY_FILE": __file__}, "TRIAGE_SMTP_CERT_FILE: cannot read"),
        ({"REQUIRE_TLS": "true"}, "TRIAGE_SMTP_REQUIRE_TLS"),
        ({"MAX_BYTES_IN_FLIGHT": "2000"}, "TRIAGE_SMTP_MAX_BYTES_IN_FLIGHT"),
        ({"HOSTNAME": "two words"}, "TRIAGE_SMTP_HOSTNAME"),
    ],
)
def test_a_wrong_setting_names_itself(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        settings(**changes)


def test_a_certificate_that_cannot_be_read_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    for name, value in (OURS | {"TRIAGE_SMTP_CERT_FILE": str(tmp_path / "cert.pem")}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TRIAGE_SMTP_KEY_FILE", str(tmp_path / "cert.pem"))
    with pytest.raises(ConfigurationError, match="TRIAGE_SMTP_CERT_FILE"):
        make_source(load_settings({}))
