"""A mail server that relays to `triage ingest smtp`, for tests and people: `python -m tests.servers.opensmtpd`."""

import os
import shlex
import signal
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.needs import needed_binary, needed_right
from tests.support.server import free_port
from tests.support.waiting import wait_for

US = "support@example.com"

_CONFIGURATION = """\
listen on 127.0.0.1 port {port} hostname mta.test
action "tickets" relay host {relay}
match from any for any action "tickets"
"""
_HELP = """\
# A mail server listens on port {port}, and relays to {relay}. In another terminal (TRIAGE_REDIS_URL set):
export TRIAGE_SMTP_RECIPIENTS={us}
triage ingest smtp
# A mail: printf 'From: you@example.net\\nSubject: Help\\n\\nMy card was charged twice\\n' > mail.eml
# Send: curl --crlf smtp://127.0.0.1:{port} --mail-from you@example.net --mail-rcpt {us} -T mail.eml
# Log: {home}/smtpd.log   Ctrl-C ends it."""
_QUEUE = Path("/var/spool/smtpd")


@dataclass
class OpenSmtpd:
    """One server that takes mail on `port` and relays it to `relay`, a URL as its manual describes them."""

    home: Path
    relay: str
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        configuration = self.home / "smtpd.conf"
        configuration.write_text(_CONFIGURATION.format(port=self.port, relay=self.relay))
        # Its queue and its control socket have fixed places; here they are of this one server, and gone with it.
        own_places = f"mount -t tmpfs tmpfs {_QUEUE.parent} && mount -t tmpfs tmpfs /run && "
        command = f"exec {needed_binary('smtpd')} -d -f {shlex.quote(str(configuration))} -T smtp"
        with (self.home / "smtpd.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_root(), "unshare", "--mount", "sh", "-c", own_places + command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("OpenSMTPD answers", self._answers, explain=self.log)

    def stop(self) -> None:
        """End it, and all that it still held."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def client(self) -> smtplib.SMTP:
        """Connect to it, as a customer's server would."""
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="customer.test", timeout=20)

    def queued(self) -> list[str]:
        """The mails that it still holds, a line each: id, sender, recipient, state, what it was told."""
        return self._control("show", "queue").splitlines()

    def try_again(self) -> None:
        """Have it deliver now what waits for a later time."""
        self._control("schedule", "all")

    def log(self) -> str:
        """What it has logged."""
        return (self.home / "smtpd.log").read_text("utf-8", "replace")

    def _control(self, *words: str) -> str:
        assert self.process is not None
        inside = ["nsenter", "--mount", f"--target={self._server_id()}"]
        done = subprocess.run(
            [*_as_root(), *inside, needed_binary("smtpctl"), *words], capture_output=True, timeout=20, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def _server_id(self) -> int:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])  # all of its processes are in the same places

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            self.client().close()
        except OSError:
            return False
        return True


@contextmanager
def opensmtpd(relay: str) -> Iterator[OpenSmtpd]:
    """Run a server until the end of the block."""
    needed_binary("smtpd")
    needed_right("places of its own for OpenSMTPD (root, or sudo without a password)", _may_have_places)
    with tempfile.TemporaryDirectory(prefix="opensmtpd-") as home:
        server = OpenSmtpd(Path(home), relay)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _may_have_places() -> bool:
    probe = [*_as_root(), "unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def main() -> None:
    """Serve until Ctrl-C or SIGTERM; the first argument may say where to relay to."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the server would be left behind
    relay = sys.argv[1] if len(sys.argv) > 1 else "smtp://127.0.0.1:2525"
    try:
        with opensmtpd(relay) as server:
            print(_HELP.format(port=server.port, relay=relay, us=US, home=server.home), flush=True)  # noqa: T201
            while server.process is not None and server.process.poll() is None:
                time.sleep(0.5)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
