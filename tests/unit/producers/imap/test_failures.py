import socket

import pytest
from imapclient.exceptions import (  # type: ignore[import-untyped]
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from producers.imap.failures import LOGIN_RETRY_S, LoginRefusedError, MailServerError, translated, translated_login


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (socket.gaierror(-2, "Name or service not known"), "TRIAGE_IMAP_HOST"),
        (TimeoutError("timed out"), "TRIAGE_IMAP_TIMEOUT_S"),
        (IMAPClientReadOnlyError("read-only"), "read-only"),
        (IMAPClientAbortError("socket error: EOF"), "the connection is lost"),
        (IMAPClientError("select failed: no such\r\nfolder"), "select failed: no such folder"),
        (IndexError("list index out of range"), "IndexError"),
    ],
)
def test_what_goes_wrong_is_told_and_worth_another_try(error: Exception, told: str) -> None:
    with pytest.raises(MailServerError, match=told), translated("mail.example.com:993"):
        raise error


def test_an_error_of_our_own_passes_as_it_is() -> None:
    with pytest.raises(MailServerError, match=r"^as it is$"), translated("mail.example.com:993"):
        raise MailServerError("as it is")


def test_a_long_answer_of_the_server_is_cut() -> None:
    with pytest.raises(MailServerError) as caught, translated("h"):
        raise IMAPClientError("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_a_refused_login_asks_for_a_long_pause_and_repeats_no_address() -> None:
    with pytest.raises(LoginRefusedError, match="check THIS") as caught, translated_login("h", "THIS"):
        raise LoginError("b'[AUTHENTICATIONFAILED] no login for anna@example.com'")
    assert "(AUTHENTICATIONFAILED)" in str(caught.value)
    assert caught.value.retry_after_s == LOGIN_RETRY_S
    assert "anna" not in str(caught.value)


def test_a_login_server_that_is_away_has_refused_nothing() -> None:
    with pytest.raises(MailServerError) as caught, translated_login("h", "THIS"):
        raise LoginError("[UNAVAILABLE] Temporary authentication failure.")
    assert not isinstance(caught.value, LoginRefusedError)


def test_a_connection_lost_at_login_is_no_refusal() -> None:
    def lose() -> None:
        try:
            raise IMAPClientAbortError("socket error: EOF")
        except IMAPClientError as error:
            raise LoginError(str(error))  # noqa: B904 - as the library does it

    with pytest.raises(MailServerError) as caught, translated_login("h", "THIS"):
        lose()
    assert not isinstance(caught.value, LoginRefusedError)
