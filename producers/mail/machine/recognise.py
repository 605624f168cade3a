"""Which kind of machine wrote this mail, if any."""

from fleet.ticket import Automated
from producers.mail.headers import header, sender
from producers.mail.machine.auto_replies import is_auto_reply
from producers.mail.machine.bounces import is_bounce
from producers.mail.machine.evidence import gather
from producers.mail.machine.lists import is_list
from producers.mail.machine.loops import is_loop
from producers.mail.machine.phrases import AUTO_REPLY_SUBJECT
from producers.mail.mime.parsing import Mail


def automated(mail: Mail, own: frozenset[str]) -> Automated | None:
    """Recognise machine-made mail; `own` are the addresses that we receive at. In doubt None."""
    if is_loop(mail, own):
        return Automated.LOOP
    who = sender(mail)
    facts = gather(mail, who)
    is_reply = is_auto_reply(mail, facts, who)
    if is_bounce(facts) and not (
        is_reply and not facts.is_report and AUTO_REPLY_SUBJECT.match(header(mail, "Subject"))
    ):
        return Automated.BOUNCE
    if is_reply:
        return Automated.AUTO_REPLY
    return Automated.LIST if is_list(mail, own) else None
