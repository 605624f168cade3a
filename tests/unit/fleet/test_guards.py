"""The guards of the test session itself."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from fleet.settings import load_settings


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_a_test_cannot_leave_this_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe, pytest.raises((SocketConnectBlockedError, UserWarning)):
        probe.connect((host, 443))


def test_a_test_may_talk_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


def test_a_test_has_no_real_key() -> None:
    assert load_settings().anthropic_api_key is None
