import asyncio
import socket
from pathlib import Path

import pytest

from producers.imap.connection import connect, trust
from producers.imap.failures import LoginRefusedError, MailServerError
from tests.integration.producers.conftest import OpenDoor
from tests.servers.dovecot import Dovecot, access_token
from tests.support.mailbox import down, settings_for, watching
from tests.support.server import free_port

pytestmark = pytest.mark.integration


def log_in(server: Dovecot, **changes: str) -> None:
    settings = settings_for(server, **changes)
    connect(settings, trust(settings)).logout()


def with_token(server: Dovecot, file: Path) -> None:
    settings = settings_for(server).model_copy(update={"password": None, "token_file": file})
    connect(settings, trust(settings)).logout()


def test_a_password_gets_in_over_tls_and_starttls(server: Dovecot) -> None:
    log_in(server)
    log_in(server, tls="starttls", port=str(server.port))
    assert server.log().count("method=PLAIN") >= 2


def test_a_wrong_password_is_told_and_not_tried_again_at_once(open_door: OpenDoor, server: Dovecot) -> None:
    async def work() -> None:
        async with open_door("imap") as door, watching(door, server, password="wrong"):
            why = await down(door)
            assert "TRIAGE_IMAP_USER and TRIAGE_IMAP_PASSWORD" in why
            assert "@" not in why

    asyncio.run(work())


def test_the_token_is_read_anew_at_each_login(server: Dovecot, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(access_token(valid_s=-60))
    with pytest.raises(LoginRefusedError, match="TRIAGE_IMAP_TOKEN_FILE"):
        with_token(server, file)
    file.write_text(access_token() + "\n")
    with_token(server, file)
    assert "method=XOAUTH2" in server.log()


def test_a_token_that_is_not_there_is_told(server: Dovecot, tmp_path: Path) -> None:
    with pytest.raises(MailServerError, match="TRIAGE_IMAP_TOKEN_FILE: cannot read"):
        with_token(server, tmp_path / "none")


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_certificate_of_a_stranger_is_refused_before_the_password_is_told(server: Dovecot, tls: str) -> None:
    settings = settings_for(server, tls=tls, port=str(server.port if tls == "starttls" else server.tls_port))
    stranger = settings.model_copy(update={"ca_file": None})
    before = server.log().count("Login:")
    with pytest.raises(MailServerError, match="certificate is not believed"):
        connect(stranger, trust(stranger))
    assert server.log().count("Login:") == before


def test_a_certificate_for_another_name_is_refused(server: Dovecot) -> None:
    with pytest.raises(MailServerError, match="certificate is not believed"):
        log_in(server, host="127.0.0.1")


def test_tls_to_a_port_without_it_is_told(server: Dovecot) -> None:
    with pytest.raises(MailServerError, match="TRIAGE_IMAP_TLS"):
        log_in(server, port=str(server.port))


def test_nobody_there_is_told(server: Dovecot) -> None:
    with pytest.raises(MailServerError, match="nobody listens there"):
        log_in(server, port=str(free_port()))


def test_a_server_that_says_nothing_is_given_up(server: Dovecot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailServerError, match="no answer in time"):
        log_in(server, port=str(silent.getsockname()[1]), tls="plain", timeout_s="1")


def test_a_server_that_is_no_mail_server_is_told(server: Dovecot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        async def answer() -> None:
            loop = asyncio.get_running_loop()
            asking = asyncio.to_thread(log_in, server, port=str(port), tls="plain", timeout_s="5")
            task = asyncio.create_task(asking)
            connection, _ = await loop.run_in_executor(None, other.accept)
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                with pytest.raises(MailServerError):
                    await task

        asyncio.run(answer())
