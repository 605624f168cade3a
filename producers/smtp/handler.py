"""What aiosmtpd asks of us at each command: who may send what to whom."""

import re
from collections.abc import Callable, Iterable

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from producers.intake.metrics import Refusal
from producers.smtp import replies

_log = structlog.get_logger("smtp")

MAX_RECIPIENTS = 1_000


class Handler:
    """Answers MAIL and RCPT; the names of its methods are aiosmtpd's."""

    def __init__(self, recipients: Iterable[str], *, require_tls: bool, refused: Callable[[Refusal], None]) -> None:
        self._is_ours = matcher(recipients)
        self._require_tls = require_tls
        self._refused = refused

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what we can; who may deliver is settled by its address, so nobody has to log in."""
        session.host_name = hostname
        kept = [line for line in responses if not line.startswith("250-AUTH")]
        return [*kept[:-1], "250-PIPELINING", kept[-1]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a mail."""
        if self._require_tls and session.ssl is None:
            self._refused(Refusal.MISSING)
            return replies.TLS_NEEDED
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return replies.SENDER_OK

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient that is ours."""
        if not self._is_ours(address):
            self._refused(Refusal.SCOPE)
            return replies.NOT_OURS
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return replies.TOO_MANY_RECIPIENTS
        envelope.rcpt_tos.append(address)
        return replies.RECIPIENT_OK

    async def handle_exception(self, error: Exception) -> str:
        """Answer a command that we stumbled over, without telling the client about our inside."""
        _log.warning("command_failed", error=type(error).__name__)
        return replies.BROKEN


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Make a test for addresses: capitals do not matter, and a * stands for anything."""
    parts = (".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns)
    wanted = re.compile("|".join(parts), re.IGNORECASE)
    return lambda address: wanted.fullmatch(address) is not None
