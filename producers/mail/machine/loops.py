"""Are these our own words coming back."""

from producers.mail.headers import addresses, header, values
from producers.mail.mime.parsing import Mail

OWN_HEADER = "X-Triage-Fleet"
"""What the fleet puts on mail that it sends; its value does not matter."""

MAX_HOPS = 50


def is_loop(mail: Mail, own: frozenset[str]) -> bool:
    """Decide by our header, our sender, and an absurd number of hops.

    A form on our own site sends in our name, with the customer in Reply-To: that is no loop.
    """
    if header(mail, OWN_HEADER) or sum(1 for _ in values(mail, "Received")) > MAX_HOPS:
        return True
    loops = {address for text in values(mail, "X-Loop") for address in addresses(text)}
    answered = addresses(header(mail, "Reply-To"))
    is_from_us = bool(addresses(header(mail, "From")) & own) and not (answered - own)
    return is_from_us or bool(loops & own)
