"""format=flowed (RFC 3676): lines that end in a space go on in the next one."""

import re

_QUOTES = re.compile(r">*")


def unflow(text: str, *, delsp: bool) -> str:
    """Join flowed lines of the same quote depth; the signature's "-- " never flows."""
    found: list[tuple[str, str]] = []
    parts: list[str] = []
    depth = ""
    for line in text.split("\n"):
        marks = _QUOTES.match(line)
        quotes = marks.group() if marks else ""
        content = line[len(quotes) :].removeprefix(" ")  # space-stuffed
        is_end = content == "-- "
        if parts and (quotes != depth or is_end):
            found.append((depth, "".join(parts)))
            parts = []
        depth = quotes
        flows = content.endswith(" ") and not is_end
        parts.append(content[:-1] if flows and delsp else content)
        if not flows:
            found.append((depth, "".join(parts)))
            parts = []
    if parts:
        found.append((depth, "".join(parts)))
    return "\n".join(f"{quotes} {content}" if quotes else content for quotes, content in found)
