"""The mails of `../shared/data/cases`, each with its right value. A new case is a row of EXPECTED.

INDEX.jsonl names the files of each case and the right outcome in words; a row here says the same as a check.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.taxonomy import load_taxonomy
from fleet.ticket import Ticket
from producers.mail.mail_ticket import MailTicket
from producers.mail.message import read_mail
from tests.support.rows import SHARED
from worker.guardrails.prefilter import prefilter

CASES = SHARED / "cases"
TAXONOMY = load_taxonomy()

Check = Callable[[Ticket], bool]


def reaches_a_model(ticket: Ticket) -> bool:
    return ticket.automated is None and prefilter(ticket, TAXONOMY) is None


WHO_WROTE_IT: dict[str, Check] = dict.fromkeys(
    ("001", "004", "005", "006", "008", "036", "037", "095", "098"), reaches_a_model
)


def body_holds(*words: str) -> Check:
    return lambda ticket: all(word in ticket.body for word in words)


def is_all(body: str, *flags: str) -> Check:
    return lambda ticket: (ticket.body, ticket.flags) == (body, flags)


def is_split(body: str, quoted: str) -> Check:
    return lambda ticket: ticket.body.endswith(body) and quoted in ticket.quoted and quoted not in ticket.body


WHAT_IT_SAYS: dict[str, Check] = {
    "010": is_split("I have waited three weeks.", "parcel is on its way"),
    "011": body_holds("Payment gateway returned code 51", "What can I do?"),
    "013": body_holds("version 4.2 on Windows", "yes, always, also offline"),
    "014": is_split("zwrot pieniędzy.", "paczka została wysłana"),
    "016": is_split("/ Greetings", "please try the export again"),
    "017": body_holds("step 2 with exit code 3", "exit 3", "Why does it stop there?"),
    "018": is_split("schrieb Acme <sales@acme.example>:", "hier unser Angebot"),
    "019": body_holds("The charger is dead"),
    "021": body_holds("The scanner on floor 2"),
    "022": body_holds("The lift is stuck"),
    "023": body_holds("Where is my parcel 123?"),
    "024": lambda ticket: ticket.attachments != () and "page 3 has a wrong price" in ticket.body,
    "025": lambda ticket: (ticket.subject, ticket.body) == ("héllø wørld foø", "The heating does not work in room 12."),
    "026": lambda ticket: ticket.subject == "退款申请\uff1a订单一二三四还没有收到",
    "027": lambda ticket: ticket.subject.startswith("הפריט שקיבלתי"),
    "028": lambda ticket: ticket.subject == "Broken kettle" and "\0" not in ticket.model_dump_json(),
    "029": is_all("I don\u2019t understand the “fee” of 12 € on my bill."),
    "030": lambda ticket: "winmail.dat" in ticket.attachments[0],
    "031": body_holds("the invoice of October", "gives off sparks", "Please call at once."),
    "033": body_holds("ERROR out of memory", "How do we roll back?"),
    "091": lambda ticket: ticket.subject == "Příliš vysoká faktura" and ticket.sender.startswith("Mára"),
    "092": is_all("My order 12 is late.\n[image: photo of the box]", "hidden_text"),
    "093": lambda ticket: "reacted to your message" in ticket.body and "{" not in ticket.body,
    "094": is_all("The html version: my card was charged twice."),
    "097": is_all("The plain version: my card was charged twice."),
    "100": body_holds("The login fails", "hall 3 sparks", "short by 40 pieces"),
    "101": body_holds("The invoice of October", "hall 3 sparks"),
}
EXPECTED: dict[str, Check] = {**WHO_WROTE_IT, **WHAT_IT_SAYS}


def paths() -> dict[str, Path]:
    if not CASES.is_dir():
        pytest.skip(f"{CASES} is not here: the collected cases are no part of the repository")
    rows = [json.loads(line) for line in (CASES / "INDEX.jsonl").read_text("utf-8").split("\n") if line]
    return {row["case"]: CASES / name for row in rows for name in row["files"] if name.endswith(".eml")}


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_a_case_has_its_right_value(case: str) -> None:
    made = read_mail(paths()[case].read_bytes())
    assert isinstance(made, MailTicket)
    assert EXPECTED[case](made.ticket), made.ticket.model_dump_json(indent=1)
