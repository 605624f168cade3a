"""A text parted into what it says itself, what it quotes, and its signature."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """The parts of a text."""

    body: str
    quoted: str = ""
    signature: str = ""


def split_reply(text: str) -> Reply:
    """Part a text as the mail parsers do."""
    return Reply(text)
