"""Newsletters. A mailing list or group that people write to is none: in doubt the small model reads it."""

import re

from fleet.ticket import Automated
from producers.mail.headers import addresses, header
from producers.mail.machine.rules import Facts, Rule

_CAMPAIGN = ("X-Campaign", "X-CampaignID", "X-Campaign-ID", "X-Campaign-Activity-ID", "X-Marketing-Id")
_MAILING_SERVICE = (
    *("List-Unsubscribe-Post", "Feedback-ID", "X-Feedback-ID", "X-Mailgun-Tag", "X-MC-User", "X-Report-Abuse"),
    *("X-CSA-Complaints", "X-Mailer-RecptId", "X-SG-ID", "X-SG-EID"),
)
"""Mailing services put these on forms and receipts, too: all of them together are one clue."""

_ROLE = re.compile(
    r"news|info|mail|support|service|team|shop|store|marketing|offers?|deals?|hello|contact|alerts?|updates?|sales"
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_newsletter(facts: Facts) -> bool:
    """A way to unsubscribe together with a campaign's name or two other marks of mass mail, and nobody behind it."""
    if not header(facts.mail, "List-Unsubscribe") or _is_from_somebody(facts) or _is_notice(facts):
        return False
    marks = (
        facts.way.is_bulk,
        any(header(facts.mail, name) for name in _MAILING_SERVICE),
        bool(header(facts.mail, "List-Id")),
    )
    return any(header(facts.mail, name) for name in _CAMPAIGN) or sum(marks) > 1


def _is_notice(facts: Facts) -> bool:
    """Trackers, forums and lists pass on what people wrote, with a way to unsubscribe and through mailing services."""
    is_list = header(facts.mail, "Precedence").strip().lower() == "list"
    return is_list or facts.way.submitted not in ("", "no")


def _is_from_somebody(facts: Facts) -> bool:
    way = facts.way
    is_by_hand = way.is_answered_elsewhere or way.is_passed_on or way.is_answer or facts.report.is_titled
    return is_by_hand or way.is_group or way.has_files or _is_ours(facts) or is_named_after_its_writer(facts.sender)


def _is_ours(facts: Facts) -> bool:
    """Forms on our own site are sent through mailing services, too."""
    domains = {address.rpartition("@")[2] for address in facts.own}
    return any(address.rpartition("@")[2] in domains for address in addresses(facts.sender))


def is_named_after_its_writer(sender: str) -> bool:
    """Tell a person's address (Mara Quill <m.quill@…>) from that of a brand's desk (Globex News <news@…>)."""
    name, _, rest = sender.lower().rpartition("<")
    local = rest.partition("@")[0]
    words = _WORD.findall(name)
    if len(words) < 2 or _ROLE.search(local):  # noqa: PLR2004 - a first and a last name
        return False
    return words[0] in local or (words[-1] in local and local != words[-1])


RULES = (Rule("newsletter", Automated.LIST, is_newsletter),)
