"""The servers of `tests.servers`, as a person starts them to try a source."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.servers import opensmtpd, webhook_sender
from tests.support.needs import needed_binary, needed_right
from tests.support.rows import REPOSITORY
from tests.support.server import free_port
from tests.support.waiting import wait_for

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("name", ["dovecot", "opensmtpd"])
def test_a_server_started_in_the_background_ends_with_all_of_its_own_at_sigterm(name: str, tmp_path: Path) -> None:
    needed_binary({"dovecot": "dovecot", "opensmtpd": "smtpd"}[name])
    if name == "opensmtpd":
        needed_right("places of its own for OpenSMTPD", opensmtpd._may_have_places)
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            # A shell without a terminal has what it starts in the background ignore Ctrl-C.
            ["sh", "-c", f"trap '' INT; exec {sys.executable} -m tests.servers.{name}"],
            cwd=REPOSITORY,
            stdout=out,
            stderr=out,
        )
    wait_for("it says how to go on", lambda: "Ctrl-C" in log.read_text(), explain=log.read_text)
    home = next(word for word in log.read_text().split() if f"/{name}-" in word).partition(f"/{name}-")[2]
    mark = f"/{name}-{home[:8]}"
    assert running(mark)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    wait_for("none of it is left", lambda: not running(mark), explain=lambda: running(mark))


def running(mark: str) -> list[str]:
    """The processes that name this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode("utf-8", "replace"))
        except OSError:  # it has ended meanwhile
            continue
    return [line for line in found if mark in line]


def test_who_plays_the_providers_waits_until_somebody_listens() -> None:
    port = free_port()
    waiting = threading.Thread(target=webhook_sender.wait_until_heard, args=(f"http://127.0.0.1:{port}",), daemon=True)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    with socket.create_server(("127.0.0.1", port)):
        waiting.join(30)
    assert not waiting.is_alive()
