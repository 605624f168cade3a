"""What we answer. 2xx: the ledger holds the mail; 4xx: the sender keeps it and tries again; 5xx: it is told why not."""

from fleet.ledger.records import Acceptance, Accepted

READY = "354 end the mail with <CR><LF>.<CR><LF>"
SENDER_OK = "250 2.1.0 OK"
RECIPIENT_OK = "250 2.1.5 OK"

# A list of ours that is wrong should delay mail, not bounce it: hence 421 for strangers.
STRANGER = "421 4.7.1 this client may not deliver here"
CROWDED = "421 4.3.2 too many connections, try again later"
CLOSING = "421 4.3.2 shutting down, try again later"
SILENT = "421 4.4.2 waited for too long, try again later"

FULL = "451 4.3.1 no more tickets fit in for now, try again later"
AWAY = "451 4.3.0 the ledger does not answer, try again later"
BUSY = "451 4.3.1 too much mail at once, try again later"
BROKEN = "451 4.3.0 an error of ours, try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 too many recipients"

TLS_NEEDED = "530 5.7.0 issue STARTTLS first"
NOT_OURS = "550 5.1.1 no such recipient here"
EMPTY = "554 5.6.0 the mail is empty"


def too_big(max_bytes: int) -> str:
    """Refuse a mail for its size."""
    return f"552 5.3.4 the mail is larger than {max_bytes} bytes"


def taken(answer: Acceptance) -> str:
    """Say that the ledger holds the mail, and under which id."""
    how = "accepted as" if answer.result is Accepted.ACCEPTED else "known already as"
    return f"250 2.0.0 {how} {answer.ticket_id}"


def kept(answer: Acceptance) -> str:
    """Say that the ledger holds the mail, for a person to look at."""
    return f"250 2.0.0 kept for a person as {answer.ticket_id}"
