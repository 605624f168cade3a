"""A receiver in a thread of its own, so that the tests can be its clients."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from fleet.settings import load_group
from producers.intake.door import Door
from producers.smtp.settings import PREFIX, SmtpSettings
from producers.smtp.source import SmtpSource
from tests.integration.producers.conftest import OpenDoor
from tests.support.server import free_port

US, ALSO_US, THEM = "support@example.com", "billing@example.com", "ann@example.net"


@dataclass
class Receiving:
    """A receiver that listens on `port`, and the door it hands mail to."""

    port: int
    door: Door
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def client(self) -> smtplib.SMTP:
        """Connect as a mail server would."""
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="mta.test", timeout=20)

    def counted(self, result: str) -> float | None:
        """How often a mail became this."""
        return self.door.metrics.registry.get_sample_value(
            "triage_messages_total", {"producer": "smtp", "result": result}
        )

    def refused(self, reason: str) -> float | None:
        """How often a client was refused for this."""
        return self.door.metrics.registry.get_sample_value(
            "triage_requests_refused_total", {"producer": "smtp", "reason": reason}
        )

    def stop(self) -> None:
        """What SIGTERM does."""
        self.loop.call_soon_threadsafe(self.door.stop.set)

    def ended(self) -> None:
        """Wait until it has ended."""
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()


Receive = Callable[..., AbstractContextManager[Receiving]]


@pytest.fixture
def receiving(open_door: OpenDoor) -> Receive:
    """Run a receiver: `with receiving(MAX_BYTES="2000", door={"max_backlog": 1}) as running`."""

    @contextmanager
    def run(*, door: dict[str, Any] | None = None, **settings: str) -> Iterator[Receiving]:
        port = free_port()
        ours = {"LISTEN": f"127.0.0.1:{port}", "RECIPIENTS": f"{US}, {ALSO_US}", "HOSTNAME": "mx.test"} | settings
        source = SmtpSource(load_group(SmtpSettings, PREFIX, {PREFIX + name: value for name, value in ours.items()}))
        opened: list[tuple[Door, asyncio.AbstractEventLoop]] = []
        is_open = threading.Event()

        async def work() -> None:
            async with open_door("smtp", **(door or {})) as entrance:
                opened.append((entrance, asyncio.get_running_loop()))
                running = asyncio.create_task(source.run(entrance))
                while not entrance.status.describe()["source_up"] and not running.done():  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.001)
                is_open.set()
                await running

        thread = threading.Thread(target=asyncio.run, args=(work(),))
        thread.start()
        assert is_open.wait(20)
        made = Receiving(port, *opened[0], thread)
        try:
            yield made
        finally:
            if thread.is_alive():
                made.stop()
            made.ended()

    return run


def a_mail(body: str = "my card was charged twice", number: int = 1) -> EmailMessage:
    """A mail that a customer wrote."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ann <{THEM}>", US, "Invoice"
    mail["Message-ID"] = f"<{number}@example.net>"
    mail["Date"] = "Mon, 01 Sep 2025 10:00:00 +0000"
    mail.set_content(body)
    return mail
