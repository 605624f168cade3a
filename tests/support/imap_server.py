"""A mail server that does as a script says: enough IMAP for `triage ingest imap`, with the faults asked for."""

import re
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_COMMAND = re.compile(rb"(\S+) (?:UID )?(\S+) ?(.*)\r\n")
DRIP_S = 0.2


@dataclass
class ScriptedImap:
    """One mailbox and its faults. `asked` counts the commands, `connections` who came."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    connections: list[float] = field(default_factory=list)
    fetched: Counter[int] = field(default_factory=Counter)

    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE"
    withheld: set[int] = field(default_factory=set)
    """FETCH answers OK and says nothing of these."""
    nil: set[int] = field(default_factory=set)
    empty: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    """Expunged by somebody between SEARCH and FETCH."""
    sizeless: set[int] = field(default_factory=set)
    literals: dict[int, int] = field(default_factory=dict)
    """Sizes of literals that are announced, and sent, instead of the mail."""
    drips: set[int] = field(default_factory=set)
    part: str = "BODY[]<0>"
    in_small_letters: bool = False
    says_uid: bool = True
    chatters: bool = False
    splits_search: bool = False
    extended_search: bool = False
    keeps: bool = True
    copies: int = 0
    idle: Callable[["Conversation"], None] | None = None
    select: Callable[["Conversation"], None] | None = None

    def untaken(self) -> list[int]:
        """The mails without our mark."""
        return [uid for uid in sorted(self.mails) if not self.flags.get(uid, set()) & {"$Triaged", "\\Deleted"}]

    def taken(self) -> set[int]:
        """The mails with our mark."""
        return {uid for uid in self.mails if "$Triaged" in self.flags.get(uid, set())}

    def settings(self, **changes: str) -> dict[str, str]:
        """The environment of `triage ingest imap` for this mailbox."""
        return {
            "TRIAGE_IMAP_HOST": "127.0.0.1",
            "TRIAGE_IMAP_PORT": str(self.port),
            "TRIAGE_IMAP_TLS": "plain",
            "TRIAGE_IMAP_USER": "support",
            "TRIAGE_IMAP_PASSWORD": "secret",
        } | changes


class Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    script: ScriptedImap

    def handle(self) -> None:
        """Answer commands until the client goes."""
        self.script.connections.append(time.monotonic())
        self.say("* OK ready")
        while command := _COMMAND.match(self.rfile.readline(100_000)):
            tag, name, rest = (part.decode() for part in command.groups())
            self.script.asked[name.upper()] += 1
            if self.script.chatters:
                self.say("* 7 EXISTS\r\n* XNOISE1 (a b)\r\n* OK [ALERT] hello\r\n* 1 FETCH (FLAGS (\\Seen))")
            answer = getattr(self, f"do_{name.lower()}", lambda _rest: None)(rest)
            self.say(f"{tag} {answer or 'OK done'}")

    def say(self, text: str) -> None:
        """Send a line."""
        names = re.compile(r"(?m)^(\* (\d+ )?|[A-P]{4}\d+ )\S+( \[\S+)?")
        if self.script.in_small_letters:
            text = names.sub(lambda found: found.group(1) + found.group()[len(found.group(1)) :].lower(), text)
        self.wfile.write(text.encode() + b"\r\n")

    def do_capability(self, _rest: str) -> None:
        self.say(f"* CAPABILITY {self.script.capabilities}")

    def do_select(self, _rest: str) -> None:
        if self.script.select:
            self.script.select(self)
        self.say(f"* {len(self.script.mails)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen \\Deleted)")
        self.say("* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] kept\r\n* OK [UIDVALIDITY 1] it is")

    def do_search(self, _rest: str) -> None:
        found = list(map(str, self.script.untaken()))
        if self.script.extended_search:
            self.say(f'* ESEARCH (TAG "A1") UID{" ALL " if found else ""}{",".join(found)}')
        elif self.script.splits_search:
            self.say("\r\n".join(f"* SEARCH {uid}" for uid in found) or "* SEARCH")
        else:
            self.say(f"* SEARCH {' '.join(found)}".rstrip())
        for uid in self.script.gone & set(self.script.mails):
            del self.script.mails[uid]

    def do_fetch(self, rest: str) -> None:
        uids, _, items = rest.partition(" ")
        for uid in map(int, uids.split(",")):
            if uid in self.script.mails:
                self._fetch(uid, with_body="BODY" in items)

    def _fetch(self, uid: int, *, with_body: bool) -> None:
        script, mail = self.script, self.script.mails[uid]
        parts = [f"UID {uid}"] if script.says_uid else []
        if uid not in script.sizeless:
            parts.append(f"RFC822.SIZE {len(mail)}")
        if with_body:
            script.fetched[uid] += 1
            if uid in script.withheld:
                return
            parts.append('INTERNALDATE " 2-Nov-2026 10:00:00 +0000"')
        line = f"* {sorted(script.mails).index(uid) + 1} FETCH ({' '.join(parts)}"
        if script.in_small_letters:
            line = line.lower()
        if not with_body:
            self.wfile.write(f"{line})\r\n".encode())
        elif uid in script.nil:
            self.wfile.write(f"{line} {script.part} NIL)\r\n".encode())
        else:
            part = script.part.lower() if script.in_small_letters else script.part
            self._literal(f"{line} {part}", uid, b"" if uid in script.empty else mail)

    def _literal(self, line: str, uid: int, mail: bytes) -> None:
        size = self.script.literals.get(uid, len(mail))
        self.wfile.write(f"{line} {{{size}}}\r\n".encode())
        for start in range(len(mail) if uid in self.script.drips else 0):
            self.wfile.write(mail[start : start + 1])
            time.sleep(DRIP_S)
        if uid not in self.script.literals:
            self.wfile.write(b"" if uid in self.script.drips else mail)
        else:
            for _ in range(size // 65_536):
                self.wfile.write(bytes(65_536))
        self.wfile.write(b")\r\n")

    def do_store(self, rest: str) -> None:
        uids, _, flags = rest.partition(" ")
        for uid in map(int, uids.split(",")) if self.script.keeps else ():
            self.script.flags.setdefault(uid, set()).update(re.findall(r"[\\$]\w+", flags))

    def do_copy(self, _rest: str) -> None:
        self.script.copies += 1

    def do_idle(self, _rest: str) -> None:
        self.say("+ idling")
        if self.script.idle:
            self.script.idle(self)
        self.rfile.readline()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients go away as they like."""


@contextmanager
def scripted_imap(**faults: Any) -> Iterator[ScriptedImap]:
    """Run a server until the end of the block."""
    script = ScriptedImap(**faults)
    handler = type("Handler", (Conversation,), {"script": script})
    with _Server(("127.0.0.1", 0), handler) as server:
        script.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield script
        finally:
            server.shutdown()
