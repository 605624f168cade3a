"""A rule of the screen: a pattern behind words of which it needs one, and what makes a match harmless."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Looks for a pattern in lower-case text. Looking for its clues first takes a fraction of the time."""

    clues: tuple[str, ...]
    pattern: re.Pattern[str]
    given: re.Pattern[str] | None = None
    """What a match has to hold to count."""
    unless: re.Pattern[str] | None = None
    """What makes a match harmless."""

    def finds(self, text: str) -> bool:
        """Whether a match stands in the text that is not harmless."""
        if not any(clue in text for clue in self.clues):
            return False
        match = self.pattern.search(text)
        while match is not None and not self._counts(match.group()):
            # From the next character on, so that no harmless match swallows the attack that begins within it.
            match = self.pattern.search(text, match.start() + 1)
        return match is not None

    def _counts(self, found: str) -> bool:
        is_given = self.given is None or self.given.search(found) is not None
        return is_given and (self.unless is None or self.unless.search(found) is None)


def rule(clues: str, pattern: str, *, given: str | None = None, unless: str | None = None) -> Rule:
    """Make a rule; clues are separated by `|`, patterns are bounded in every repetition."""
    conditions = (re.compile(condition) if condition else None for condition in (given, unless))
    return Rule(tuple(clues.split("|")), re.compile(pattern, re.DOTALL), *conditions)
