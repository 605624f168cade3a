"""HTML to text for a reader."""

import re

from producers.mail.markup.scanner import html_lines

_EMPTY_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """Strip markup. In doubt something is text: a customer's words must not vanish with a broken tag."""
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.text for line in html_lines(html))).strip()
