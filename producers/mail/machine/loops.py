"""Mail loops: our own words coming back."""

from fleet.ticket import Automated
from producers.mail.headers import header, values
from producers.mail.machine.auto_replies import is_marked_as_answer
from producers.mail.machine.rules import Facts, Rule
from producers.mail.machine.way import addresses_in

OWN_HEADER = "X-Triage-Fleet"
"""What the fleet puts on mail that it sends; its value does not matter."""

MAX_HOPS = 50


def is_loop(facts: Facts) -> bool:
    """Our sender together with our header, an X-Loop of ours, the mark of an answer, or an absurd number of hops.

    One of them proves nothing: colleagues and forms on our own site write in our name, another fleet has our header,
    and our own forwarding puts X-Loop on customers' mail.
    """
    has_header = bool(header(facts.mail, OWN_HEADER))
    is_marked = bool(addresses_in(facts.mail, "X-Loop") & facts.own)
    if has_header and is_marked:
        return True
    has_come_round = sum(1 for _ in values(facts.mail, "Received")) > MAX_HOPS
    return facts.way.is_from_us and (has_header or is_marked or has_come_round or is_marked_as_answer(facts))


RULES = (Rule("own-words", Automated.LOOP, is_loop),)
