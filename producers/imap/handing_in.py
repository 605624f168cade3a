"""Handing mails in: each ends in the ledger, as a ticket or kept as it came; the answer says which may be marked."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence

from fleet.errors import LedgerFullError
from fleet.ledger.records import Acceptance, Accepted
from fleet.ticket import Source, Ticket
from producers.imap.mailbox import Mail
from producers.intake.door import FULL_RETRY_S, Door
from producers.intake.patience import until_accepted
from producers.mail.charsets import decode
from producers.mail.message import MailTicket, read_mail
from producers.rejection import Rejected

TOLD_AFTER_S = 2.0
SHOWN_CHARS = 4_000


async def hand_in(
    door: Door, mails: Sequence[Mail], waiting: Callable[[], None], *, own: frozenset[str] = frozenset()
) -> list[Mail]:
    """Hand a batch in, however long it takes, and answer what the ledger holds: all, unless the process has to stop.

    `own` are our addresses; `waiting` is called every few seconds while the ledger takes nothing in.
    """
    found = await asyncio.to_thread(lambda: [read_mail(mail.raw, now=mail.received_at, own=own) for mail in mails])
    work = asyncio.gather(*(_one(door, mail, read) for mail, read in zip(mails, found, strict=True)))
    try:
        while not (await asyncio.wait({work}, timeout=TOLD_AFTER_S))[0]:
            waiting()
    finally:
        work.cancel()
    return [mail for mail, answer in zip(mails, work.result(), strict=True) if answer is not None]


async def _one(door: Door, mail: Mail, found: MailTicket | Rejected) -> Acceptance | None:
    if isinstance(found, Rejected):
        return await _keep(door, mail, found.reason)
    answer = await door.accept_patiently(found.ticket, key=found.key)
    if answer is not None and answer.result is Accepted.CONFLICT:
        return await _keep(door, mail, f"its id is taken by a ticket with other content: {answer.ticket_id}")
    return answer


async def _keep(door: Door, mail: Mail, why: str) -> Acceptance | None:
    if mail.is_cut:
        why += f"; the first {len(mail.raw):,} bytes are kept here (TRIAGE_IMAP_MAX_BYTES), all of it in the mailbox"
    key = f"imap:{hashlib.sha256(mail.raw).hexdigest()}"

    async def attempt() -> Acceptance:
        # Others cannot wait, and are kept even then; mail can, and is large.
        if door.pressure.is_over(door.settings.memory_full_share):
            raise LedgerFullError("the ledger's server is short of memory", retry_after_s=FULL_RETRY_S)
        return await door.keep(_as_far_as_read(mail), mail.raw, key=key, error=why)

    return await until_accepted(attempt, door.stop)


def _as_far_as_read(mail: Mail) -> Ticket:
    text = decode(mail.raw[: 4 * SHOWN_CHARS], "utf-8")[:SHOWN_CHARS]
    return Ticket(source=Source.MAIL, body=text, received_at=mail.received_at)
