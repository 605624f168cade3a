"""Is this a mail system's report: a bounce, a delay, a complaint."""

from producers.mail.machine.evidence import Evidence


def is_bounce(facts: Evidence) -> bool:
    """Decide on the facts. In doubt no, for a person's mail must not be taken for a bounce."""
    if facts.is_receipt:
        return False
    if facts.is_report or facts.names_failed:
        return True
    says_failed = facts.has_failed_subject or facts.has_failed_text
    around = sum((facts.has_original, facts.has_status, facts.is_by_machine))
    if facts.is_daemon and (says_failed or around):
        return True
    if facts.has_null_path:
        # Automatic replies have an empty return path, too; what they say of themselves decides.
        return says_failed or facts.has_status or not facts.is_by_machine
    # A person who asks about a bounce quotes everything that a bounce says, so the sender has to be unlike one.
    if facts.is_postmaster:
        return facts.has_failed_subject or (facts.has_failed_text and around > 0)
    return facts.is_role and facts.has_failed_subject and facts.has_failed_text and around > 0
