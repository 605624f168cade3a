"""A Matrix homeserver (Synapse) of its own on a loopback port, for tests and for people.

`python -m tests.servers.synapse --install` puts it into a virtual environment of its own, as its pins would collide
with ours; `python -m tests.servers.synapse` runs it.
"""

import argparse
import hashlib
import hmac
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.matrix_people import PASSWORD, Person, call
from tests.support.server import free_port
from tests.support.waiting import wait_for

FOLDER = Path(__file__).parents[2] / ".synapse"
HOW_TO_INSTALL = "python -m tests.servers.synapse --install"

_SECRET = "nobody else can reach this server"
_PYTHON = Path("bin/python")
_UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}


def is_installed(folder: Path = FOLDER) -> bool:
    """Whether Synapse is there."""
    return (folder / "bin" / "synapse_homeserver").exists()


def install(folder: Path = FOLDER) -> None:
    """Put Synapse into a virtual environment of its own; takes a minute or some."""
    if is_installed(folder):
        return
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / _PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, "matrix-synapse"], check=True)


@dataclass
class Synapse:
    """One homeserver, without federation and without rate limits; `home` holds its database."""

    home: Path
    folder: Path = FOLDER
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it (again) with all that it knew, and wait until it answers."""
        config = self.home / "homeserver.yaml"
        if not config.exists():
            config.write_text(json.dumps(self._configuration(), indent=1))  # JSON is YAML
        with (self.home / "synapse.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.folder / _PYTHON, "-m", "synapse.app.homeserver", "-c", str(config)],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("Synapse answers", self._answers, explain=self.log)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None

    def register(self, name: str) -> Person:
        """Make an account, and log in."""
        path = "/_synapse/admin/v1/register"
        nonce = call(self.url, "GET", path)["nonce"]
        signed = f"{nonce}\0{name}\0{PASSWORD}\0notadmin"
        mac = hmac.new(_SECRET.encode(), signed.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": False, "mac": mac}
        call(self.url, "POST", path, body)
        return Person.log_in(self.url, name)

    def log(self) -> str:
        """The end of what it has logged."""
        return (self.home / "synapse.log").read_text("utf-8", "replace")[-3_000:]

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return bool(call(self.url, "GET", "/_matrix/client/versions"))
        except OSError:
            return False

    def _configuration(self) -> dict[str, object]:
        key = hashlib.sha256(str(self.home).encode()).hexdigest()[:43]
        (self.home / "signing.key").write_text(f"ed25519 a_test {key}\n")
        resources = [{"names": ["client"], "compress": False}]
        listener = {"port": self.port, "type": "http", "tls": False, "bind_addresses": ["127.0.0.1"]}
        limits = ("message", "registration", "admin_redaction", "reports", "room_creation")
        return {
            "server_name": "localhost",
            "listeners": [listener | {"resources": resources}],
            "database": {"name": "sqlite3", "args": {"database": str(self.home / "homeserver.db")}},
            "registration_shared_secret": _SECRET,
            "signing_key_path": str(self.home / "signing.key"),
            "media_store_path": str(self.home / "media"),
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "report_stats": False,
            "bcrypt_rounds": 4,
            **{f"rc_{name}": _UNLIMITED for name in limits},
            "rc_login": {"address": _UNLIMITED, "account": _UNLIMITED, "failed_attempts": _UNLIMITED},
            "rc_joins": {"local": _UNLIMITED, "remote": _UNLIMITED},
            "rc_invites": {"per_room": _UNLIMITED, "per_user": _UNLIMITED, "per_issuer": _UNLIMITED},
        }


@contextmanager
def synapse(folder: Path = FOLDER) -> Iterator[Synapse]:
    """Run a homeserver until the end of the block."""
    home = Path(tempfile.mkdtemp(prefix="synapse-"))
    server = Synapse(home, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Install it, or serve until Ctrl-C with a room in which somebody waits for an answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", nargs="?", const=FOLDER, type=Path, metavar="FOLDER", help="default: .synapse")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where it was installed")
    args = parser.parse_args()
    if args.install:
        install(args.install)
        return
    if not is_installed(args.folder):
        parser.exit(2, f"Synapse is not installed: {HOW_TO_INSTALL}\n")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server ends, too
    with synapse(args.folder) as server:
        _invite_to_try(server)
        try:
            while server.process is not None and server.process.poll() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass


def _invite_to_try(server: Synapse) -> None:
    support, customer = server.register("support"), server.register("customer")
    room = customer.open_room(support)
    support.join(room)
    say = f"{server.url}/_matrix/client/v3/rooms/{room}/send/m.room.message"
    print("# A room is open. In another terminal (TRIAGE_REDIS_URL set):")  # noqa: T201
    print(f"export TRIAGE_MATRIX_HOMESERVER='{server.url}'")  # noqa: T201
    print(f"export TRIAGE_MATRIX_USER_ID='{support.id}'")  # noqa: T201
    print(f"export TRIAGE_MATRIX_ACCESS_TOKEN='{support.token}'")  # noqa: T201
    print("triage ingest matrix")  # noqa: T201
    print("# Then write as a customer would:")  # noqa: T201
    print(  # noqa: T201
        f"curl -X POST -H 'Authorization: Bearer {customer.token}' '{say}' "
        """-d '{"msgtype": "m.text", "body": "My invoice is wrong"}'"""
    )
    print("# Ctrl-C ends it.", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
