"""A message's text in three: what it says itself, the history it quotes, the signature. No word is lost.

In doubt text stays in the body, and where nothing else would be left all of it is the body.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from producers.mail.reply.attribution import may_end, start_above_plain
from producers.mail.reply.forwarding import says_nothing
from producers.mail.reply.header_block import History, history_at
from producers.mail.reply.lines import Line, Mark, plain_lines
from producers.mail.reply.quotes import Quote, find_quotes
from producers.mail.reply.signature import signature_start

_VISIBLE = re.compile(r"[^\s\-_=*>|~.,\u200b\xa0]")
_EMPTY_LINES = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message says itself, and what it carries along."""

    body: str
    quoted: str = ""
    signature: str = ""


def split_reply(text: str) -> Reply:
    """Split a plain text."""
    return split_lines(plain_lines(text))


def split_lines(lines: Sequence[Line], *, sender: str = "", is_forward: bool = False) -> Reply:
    """Split marked lines; the sender's name helps to know a signature, and a forward may speak for its sender."""
    history = _history(lines)
    end = history.start if history else len(lines)
    quotes = find_quotes(lines[:end])
    own, quoted, signature = _sorted(lines[:end], quotes, sender)
    is_forward = history is not None and (is_forward or history.is_forward)
    if not _VISIBLE.search(_joined(own)) or (is_forward and says_nothing(_joined(own))):
        return Reply(_joined([line.text for line in lines]))
    quoted += [line.text for line in lines[end:]]
    return Reply(_joined(own), _joined(quoted), _joined(signature))


def _history(lines: Sequence[Line]) -> History | None:
    for at, line in enumerate(lines):
        if line.mark is Mark.CITED or line.is_blank:
            continue
        if found := history_at(lines, at):
            return found
        if may_end(line) and not _is_quote_next(lines, at):
            start = start_above_plain(lines, at)
            if start is not None:
                return History(start)
    return None


def _is_quote_next(lines: Sequence[Line], at: int) -> bool:
    below = next((line for line in lines[at + 1 : at + 6] if line.text.strip()), None)
    return below is not None and below.mark in (Mark.CITED, Mark.INDENTED)


def _sorted(lines: Sequence[Line], quotes: Sequence[Quote], sender: str) -> tuple[list[str], list[str], list[str]]:
    """Give every line to the body, the quotes or the signature."""
    own: list[str] = []
    quoted: list[str] = []
    signature: list[str] = []
    for piece in _pieces(lines, quotes):
        if isinstance(piece, Quote):
            quoted += [line.text for line in lines[piece.start : piece.end]]
            continue
        start = signature_start(piece, sender, may_be_all=bool(quotes))
        own += [line.text for line in piece[:start]] + ([""] if start else [])
        signature += [line.text for line in piece[start:]]
    return own, quoted, signature


def _pieces(lines: Sequence[Line], quotes: Sequence[Quote]) -> list[Quote | Sequence[Line]]:
    """Quotes to take away, and between them what the writer wrote; answers between quotes keep these around them."""
    last = _last_own(lines, quotes)
    inside = [quote for quote in quotes if quote.end <= last]
    if any(not quote.is_attributed for quote in inside):
        quotes = [quote for quote in quotes if quote.end > last]
    found: list[Quote | Sequence[Line]] = []
    at = 0
    for quote in quotes:
        found += [lines[at : quote.start], quote]
        at = quote.end
    return [*found, lines[at:]]


def _gaps(lines: Sequence[Line], quotes: Sequence[Quote]) -> list[tuple[Quote, int]]:
    starts = [quote.start for quote in quotes[1:]] + [len(lines)]
    return list(zip(quotes, starts, strict=True)) if quotes else []


def _has_words(lines: Sequence[Line], start: int, end: int) -> bool:
    piece = lines[start:end]
    if end == len(lines):
        # Below the last quote a signature may stand alone, which answers nothing.
        piece = piece[: signature_start(piece, may_be_all=True)]
    return any(_VISIBLE.search(line.text) for line in piece)


def _last_own(lines: Sequence[Line], quotes: Sequence[Quote]) -> int:
    return max((end for quote, end in _gaps(lines, quotes) if _has_words(lines, quote.end, end)), default=0)


def _joined(texts: Sequence[str]) -> str:
    return _EMPTY_LINES.sub("\n\n\n", "\n".join(text.rstrip() for text in texts)).strip("\n \t\xa0")
