"""A Dovecot of its own on loopback ports, for tests and for people: `python -m tests.servers.dovecot`."""

import base64
import grp
import hashlib
import hmac
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from imapclient import IMAPClient  # type: ignore[import-untyped]

from tests.support.needs import needed_binary
from tests.support.server import free_port
from tests.support.waiting import wait_for

USER, PASSWORD = "support@example.com", "a päss word"
TOKEN_KEY = b"the key that the tests sign their access tokens with"

_TEMPLATE = Path(__file__).with_name("dovecot.conf")


@dataclass
class Dovecot:
    """One server with one mailbox. `capabilities` replaces what it says that it can do."""

    home: Path
    capabilities: str = ""
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it (again) on the same ports with the same mail, and wait until it answers."""
        self._configure()
        self.process = subprocess.Popen(
            [needed_binary("dovecot"), "-F", "-c", str(self.home / "dovecot.conf")],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **self._not_as_root(),
        )
        wait_for("Dovecot answers", lambda: _answers(self.port) and _answers(self.tls_port), explain=self.log)

    def stop(self) -> None:
        """Kill it with all its processes, as a crash of the machine would; its clients are thrown off."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)
            self.process = None

    def _configure(self) -> None:
        owner = _owner()
        values = {
            "HOME": self.home,
            "USER": owner.pw_name,
            "GROUP": grp.getgrgid(owner.pw_gid).gr_name,
            "UID": owner.pw_uid,
            "GID": owner.pw_gid,
            "PORT": self.port,
            "TLS_PORT": self.tls_port,
            "CAPABILITIES": self.capabilities,
        }
        text = _TEMPLATE.read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        (self.home / "dovecot.conf").write_text(text)

    def _not_as_root(self) -> dict[str, Any]:
        # Dovecot's login processes refuse to be root; with one ordinary user for all of it, it needs no root at all.
        if os.geteuid():
            return {}
        owner = _owner()
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    @property
    def ca_file(self) -> Path:
        """The authority that its certificate is from."""
        return self.home / "ca.pem"

    @property
    def maildir(self) -> Path:
        """The folder of the inbox; a file dropped into `new` is a delivery."""
        return self.home / "mail" / USER

    def log(self) -> str:
        """What it has logged."""
        return (self.home / "dovecot.log").read_text("utf-8", "replace") if (self.home / "dovecot.log").exists() else ""

    def settings(self, **changes: str) -> dict[str, str]:
        """The environment of `triage ingest imap` for this mailbox."""
        return {
            "TRIAGE_IMAP_HOST": "localhost",
            "TRIAGE_IMAP_PORT": str(self.tls_port),
            "TRIAGE_IMAP_CA_FILE": str(self.ca_file),
            "TRIAGE_IMAP_USER": USER,
            "TRIAGE_IMAP_PASSWORD": PASSWORD,
        } | changes

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[Any]:
        """Log in as a person's mail program would."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.plain_login(USER, PASSWORD)
            client.select_folder(folder)
            yield client

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder, one after the other."""
        with self.client() as client:
            for mail in mails:
                client.append(folder, mail)

    def empty(self) -> None:
        """Throw all mail and all other folders away."""
        with self.client() as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()
            for _, _, name in client.list_folders():
                if name != "INBOX":
                    client.delete_folder(name)

    def validity(self) -> int:
        """The inbox's UIDVALIDITY."""
        with self.client() as client:
            return int(client.folder_status("INBOX", ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def forget_numbers(self) -> None:
        """Lose what Dovecot knows of the inbox beside the mails, keywords included; it must not run."""
        for path in self.maildir.glob("dovecot*"):
            path.unlink()

    def break_mail(self, content: bytes) -> None:
        """Make the file of the mail with this content unreadable for the server."""
        for path in (*self.maildir.glob("new/*"), *self.maildir.glob("cur/*")):
            if content in path.read_bytes():
                path.unlink()
                path.symlink_to(path)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each message of a folder, oldest first."""
        with self.client(folder) as client:
            uids = client.search("ALL")
            found = client.get_flags(uids) if uids else {}
        return [{flag.decode() for flag in found[uid]} - {"\\Recent"} for uid in sorted(found)]


def access_token(valid_s: float = 600.0) -> str:
    """An access token as an identity provider would issue it; one that is past its time where `valid_s` is negative."""
    now = int(time.time())
    claims = {"sub": USER, "iat": now - 1000, "exp": int(now + valid_s)}
    signed = b".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + _base64(hmac.new(TOKEN_KEY, signed, hashlib.sha256).digest())).decode()


@contextmanager
def dovecot(**options: Any) -> Iterator[Dovecot]:
    """Run a server until the end of the block."""
    needed_binary("dovecot")
    # Not in pytest's own folder: only its owner may enter that, and as root the server runs as somebody else.
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    server = Dovecot(home, **options)
    try:
        _furnish(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _furnish(server: Dovecot) -> None:
    """Write what it reads once: certificate, password, and the key that its tokens are checked with."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.ca_file))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(server.home / "server.pem"))
    (server.home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
    (server.home / "oauth2.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={server.home}/keys/\n"
        "username_attribute = sub\n"
    )
    inbox = [f"mail/{USER}/{name}" for name in ("new", "cur", "tmp")]  # for deliveries before anybody has logged in
    for name in ("run", "state", *inbox, "keys/default/HS256"):
        (server.home / name).mkdir(parents=True)
    (server.home / "keys/default/HS256/default").write_bytes(base64.b64encode(TOKEN_KEY))


def _owner() -> pwd.struct_passwd:
    return pwd.getpwuid(os.getuid()) if os.geteuid() else pwd.getpwnam("nobody")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with dovecot() as server:
        lines = [
            "# A mailbox is open. In another terminal (TRIAGE_REDIS_URL set):",
            *(f"export {name}='{value}'" for name, value in server.settings().items()),
            "triage ingest imap",
            r"# A mail: printf 'From: you@example.net\nSubject: Help\n\nMy card was charged twice\n' > mail.eml",
            f"# Deliver: cp mail.eml {server.maildir}/new/   Log: {server.home}/dovecot.log   Ctrl-C ends it.",
        ]
        print("\n".join(lines), flush=True)  # noqa: T201
        try:
            while server.process is not None and server.process.poll() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
