"""A text parted into what it says itself, what it quotes, and its signature."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Reply:
    """The parts of a text."""

    body: str
    quoted: str = ""
    signature: str = ""


def split_reply(text: str) -> Reply:
    """Part a text as the mail parsers do; left whole where these are not installed."""
    try:
        splitter = import_module("producers.mail.reply.split")
    except ModuleNotFoundError:
        return Reply(text)
    made = splitter.split_reply(text)
    return Reply(made.body, made.quoted, made.signature)
