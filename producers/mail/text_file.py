"""Bodies that stand alone in a file: plain text or a page of HTML, without a mail around them."""

from datetime import UTC, datetime
from hashlib import sha256

from fleet.errors import InvalidTicketError
from fleet.ticket import Source, TicketFlag, make_ticket
from producers.mail.charsets import charset_of_page, decode
from producers.mail.mail_ticket import MailTicket, texts
from producers.mail.markup.scanner import Page
from producers.mail.mime.bounds import cleaned, cut
from producers.mail.mime.texts import MAX_READ, html_page
from producers.mail.reply.lines import plain_lines
from producers.mail.reply.split import split_lines
from producers.rejection import Rejected

MAX_FILE_BYTES = 50 * 1024 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SNIFF = 4_096
_MAX_READ_BYTES = 16 * 1024 * 1024


def read_text_body(raw: bytes, *, is_html: bool, now: datetime | None = None) -> MailTicket | Rejected:
    """Make a ticket of a text, without history and signature; one that says nothing is rejected."""
    if len(raw) > MAX_FILE_BYTES:
        return Rejected(1, f"the file has {len(raw):,} bytes; at most {MAX_FILE_BYTES:,} are read")
    text = decode(raw[:_MAX_READ_BYTES], _charset(raw, is_html=is_html))
    page = html_page(cleaned(text)) if is_html else Page(plain_lines(cut(cleaned(text), MAX_READ)))
    reply = split_lines(page.lines)
    if not reply.body:
        return Rejected(1, "there is no text in the file")
    try:
        ticket = make_ticket(
            source=Source.FILE,
            **texts(reply),
            flags=(TicketFlag.HIDDEN_TEXT,) if page.hides else (),
            received_at=now or datetime.now(UTC),
        )
    except InvalidTicketError as error:
        return Rejected(1, str(error))
    return MailTicket(ticket, f"sha256:{sha256(raw).hexdigest()}")


def _charset(raw: bytes, *, is_html: bool) -> str | None:
    bom = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    return charset_of_page(raw[:_SNIFF]) if is_html and bom is None else bom
