"""Is this mail to many: a newsletter, a mailing list that is not an address of ours."""

import re

from producers.mail.headers import addresses, header, values
from producers.mail.mime.parsing import Mail

_LIST_ID = re.compile(r"<?\s*([\w.+-]{1,250})\s*>?\s*$")
_NAMES = ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List")
_BULK = {"bulk", "list", "junk"}
_CAMPAIGN = (
    *(
        "List-Unsubscribe-Post",
        "Feedback-ID",
        "X-Campaign",
        "X-CampaignID",
        "X-Campaign-ID",
        "X-Mailgun-Tag",
        "X-MC-User",
    ),
    *("X-Report-Abuse", "X-CSA-Complaints", "X-Mailer-RecptId", "X-SG-ID", "X-Marketing-Id"),
)


def is_list(mail: Mail, own: frozenset[str]) -> bool:
    """Decide by the list's headers. A group address of ours adds them too, so with no `own` only newsletters count."""
    is_bulk = header(mail, "Precedence").strip().lower() in _BULK
    can_unsubscribe = bool(header(mail, "List-Unsubscribe"))
    if not own:
        return can_unsubscribe and (is_bulk or any(header(mail, name) for name in _CAMPAIGN))
    if _is_ours(mail, own):
        return False
    return is_bulk or can_unsubscribe or bool(header(mail, "List-Id"))


def _is_ours(mail: Mail, own: frozenset[str]) -> bool:
    ids = {found[1].lower() for text in values(mail, "List-Id") if (found := _LIST_ID.search(text))}
    if ids & {address.replace("@", ".") for address in own}:
        return True
    named = {address for name in _NAMES for text in values(mail, name) for address in addresses(text)}
    return any(_plain(address) in own for address in named)


def _plain(address: str) -> str:
    # support+unsubscribe@ and the like are the list's own.
    local, _, domain = address.partition("@")
    return f"{local.split('+')[0]}@{domain}"
