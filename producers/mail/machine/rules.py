"""Rules by which mail is known to be machine-made: each names its kind, and asks for independent clues.

docs/producers/mail-parsing.md has a table of them, one row a rule; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fleet.ticket import Automated
from producers.mail.machine.evidence import Evidence
from producers.mail.machine.way import Way
from producers.mail.mime.parsing import Mail


@dataclass(frozen=True, slots=True)
class Facts:
    """A mail with what was read off it. `own` are our addresses, in small letters."""

    mail: Mail
    sender: str
    own: frozenset[str]
    way: Way
    report: Evidence


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to know a kind of machine-made mail."""

    name: str
    kind: Automated
    holds: Callable[[Facts], bool]
