"""Bounces and complaints: what a mail system reports (RFC 3464, RFC 5965)."""

from fleet.ticket import Automated
from producers.mail.machine.rules import Facts, Rule


def is_delivery_report(facts: Facts) -> bool:
    """A multipart/report with its machine-readable part; a person who passes one on has a subject that says so."""
    report = facts.report
    if report.report_type not in ("", "delivery-status", "feedback-report"):
        return False
    if report.has_feedback:
        return True
    return _is_system(facts) or (report.has_status and not _is_from_a_person(facts))


def is_complaint(facts: Facts) -> bool:
    """A feedback loop's report, in whatever packing, or the wording of one with the mail that is complained of."""
    report = facts.report
    return (report.has_feedback or report.has_complaint_subject) and report.returns_mail


def is_from_daemon(facts: Facts) -> bool:
    """The address of a mail daemon, and a word of failure, a mail that comes back, or the path of a report."""
    return facts.report.is_daemon and (_says_failed(facts) or facts.report.has_original or _has_reports_path(facts))


def is_from_postmaster(facts: Facts) -> bool:
    """A person may be behind postmaster@ and ask about bounces: so a report's path, or the mail that came back."""
    report = facts.report
    if not report.is_postmaster or report.attaches_report or _is_from_a_person(facts):
        return False
    if _has_reports_path(facts) or report.has_status:
        return _says_failed(facts) or report.has_original
    return report.has_original and _says_failed(facts) and (report.returns_mail or report.has_failed_text)


def is_returned_mail(facts: Facts) -> bool:
    """The path of a report, and a mail that comes back: forms and alerts of programs return none."""
    report = facts.report
    is_by_program = (report.is_role or report.names_failed) and not facts.way.is_answered_elsewhere
    if not is_by_program or not _has_reports_path(facts) or report.attaches_report:
        return False
    is_quoted = report.has_original and report.has_failed_subject and report.has_failed_text
    return (report.returns_mail and _says_failed(facts)) or (is_quoted and not facts.way.submitted)


def is_status_without_sender(facts: Facts) -> bool:
    """The empty path of a report, and a delivery status (RFC 3464) inside."""
    return facts.way.has_null_path and facts.report.has_status and not _is_from_a_person(facts)


def _says_failed(facts: Facts) -> bool:
    return facts.report.has_failed_subject or facts.report.has_failed_text or facts.report.names_failed


def _has_reports_path(facts: Facts) -> bool:
    way = facts.way
    is_forwarders = way.is_passed_on or way.is_of_inbox_rule
    return way.has_null_path or way.has_daemon_path or (way.submitted not in ("", "no") and not is_forwarders)


def _is_system(facts: Facts) -> bool:
    return facts.report.is_daemon or (facts.report.is_postmaster and _has_reports_path(facts))


def _is_from_a_person(facts: Facts) -> bool:
    """Answered or passed on by hand."""
    is_by_hand = facts.report.is_titled and (facts.way.is_answer or facts.way.is_passed_on)
    return is_by_hand and not facts.report.is_daemon


RULES = (
    Rule("delivery-report", Automated.BOUNCE, is_delivery_report),
    Rule("complaint", Automated.BOUNCE, is_complaint),
    Rule("mailer-daemon", Automated.BOUNCE, is_from_daemon),
    Rule("postmaster", Automated.BOUNCE, is_from_postmaster),
    Rule("returned-mail", Automated.BOUNCE, is_returned_mail),
    Rule("delivery-status", Automated.BOUNCE, is_status_without_sender),
)
