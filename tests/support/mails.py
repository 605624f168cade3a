"""Short mails for tests: headers as they are written, a body, and what the parser makes of them."""

from datetime import UTC, datetime

from fleet.ticket import Automated, Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MIXED = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B"


def person(**headers: str) -> str:
    """Write the headers of a customer's mail; a name's underscores are hyphens, and an empty value leaves it out."""
    usual = {"From": "Mara Quill <mara.quill@customer.example>", "To": "support@acme.example", "Subject": "My order"}
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return "\n".join(f"{name}: {value}" for name, value in (usual | changed).items() if value)


def mail_ticket(head: str, body: str = "Can I still change the address?", own: str = "") -> Ticket:
    """Parse a mail."""
    made = read_mail(f"{head}\n\n{body}".encode(), now=NOW, own=frozenset(own.split()))
    assert isinstance(made, MailTicket)
    return made.ticket


def kind(head: str, body: str = "Can I still change the address?", own: str = "") -> Automated | None:
    """Tell what a mail is taken for."""
    return mail_ticket(head, body, own).automated


def parts(*each: str) -> str:
    """Write the body of a multipart with the boundary B."""
    return "".join(f"--B\n{part}\n" for part in each) + "--B--"
