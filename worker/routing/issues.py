"""Issues: how many a ticket names, by its list points and its turns of "also"."""

import re

ISSUE_MARKS = 3
"""Points or "also" turns from which a ticket counts as several issues."""

_POINT = re.compile(r"^[ \t]*(?:\(?\d{1,2}[.)]|[-*•])[ \t]+(\S[^\n]*)", re.MULTILINE)
_TURN = re.compile(
    r"\b(also|another (issue|problem|thing|question)|second(ly)?|third(ly)?|on top of that|besides|in addition|"
    r"außerdem|zweitens|drittens|en outre|además|también|inoltre|além disso|bovendien|daarnaast)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^:=]{1,40}(?::|=|\s[-\u2013]\s)[ \t]*(.*)")
_CHECKED = re.compile(r"\[[ xX]?\]")
_NAME = re.compile(r"[\w.+/-]+")
_STEPS = re.compile(
    r"^[^\n]{0,40}\b(steps|reproduce|repro|environment|system info|setup|versions?|umgebung|schritte|reproduzieren|"
    r"étapes|environnement|pasos|entorno|passos|ambiente|passaggi|stappen|omgeving)\b[^\n]{0,30}:?[ \t]*\n"
    r"(?:[ \t]*\n)?(?:[ \t]*(?:\(?\d{1,2}[.)]|[-*•])[^\n]*\n?)+",
    re.IGNORECASE | re.MULTILINE,
)
_VALUE_WORDS = 6
_FEW_WORDS = 2


def has_several(text: str) -> bool:
    """Whether a text names several issues. The lines of a form and the steps to one fault are none."""
    if len(_TURN.findall(text)) >= ISSUE_MARKS:
        return True
    points = _POINT.findall(text)
    if len(points) < ISSUE_MARKS:
        return False
    points = _POINT.findall(_STEPS.sub("", text))
    return sum(not _is_form_line(point) for point in points) >= ISSUE_MARKS


def _is_form_line(point: str) -> bool:
    labelled = _LABELLED.match(point)
    if labelled is not None:
        return len(labelled.group(1).split()) <= _VALUE_WORDS
    words = _NAME.findall(point)
    # "Windows 11", "Chrome 120.0.1", "macOS"
    is_name = len(words) <= _FEW_WORDS or (len(words) <= _VALUE_WORDS and any(word[:1].isdigit() for word in words))
    return is_name or _CHECKED.match(point) is not None
