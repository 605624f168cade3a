"""A message's text in four: what it says itself, what it forwards, the history it quotes, the signature.

No word is lost. In doubt text stays in the body, and where nothing else would be left all of it is the body. What is
forwarded speaks for a writer who says nothing: it is then split in its turn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from producers.mail.reply.attribution import may_end, start_above_plain, start_above_quote
from producers.mail.reply.borders import is_border
from producers.mail.reply.header_block import History, end_of_block, history_at
from producers.mail.reply.lines import Line, Mark, plain_lines
from producers.mail.reply.quotes import Quote, find_quotes
from producers.mail.signature.banners import without_banner
from producers.mail.signature.find import begins_with_delimiter, signature_start

_VISIBLE = re.compile(r"[^\s\-_=*>|~.,\u200b\xa0]")
_PICTURE = re.compile(r"\[image: [^\]\n]{0,200}\]")
_EMPTY_LINES = re.compile(r"\n{4,}")
_MAX_FORWARDS = 10
"""Forwards inside forwards that are opened; what is deeper stays in one piece."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message says itself, and what it carries along."""

    body: str
    quoted: str = ""
    signature: str = ""
    forwarded: str = ""


def split_reply(text: str) -> Reply:
    """Split a plain text."""
    return split_lines(plain_lines(text))


def split_lines(
    lines: Sequence[Line],
    *,
    sender: str = "",
    is_forward: bool = False,
    is_reply: bool | None = None,
    attached: Sequence[Line] = (),
) -> Reply:
    """Split marked lines.

    The sender's name helps to know a signature. What is copied below a subject that says "Fwd:" is forwarded, and so
    are copied headers in what is known to be no reply; in a reply an attribution needs less. `attached` is the text of
    attached messages, which are forwarded, too.
    """
    return _split(lines, _Hints(sender, is_forward, is_reply), attached, _MAX_FORWARDS)


@dataclass(frozen=True, slots=True)
class _Hints:
    """What the headers say: the sender's name, a subject that forwards, a message that answers another."""

    sender: str = ""
    is_forward: bool = False
    is_reply: bool | None = None


def _split(lines: Sequence[Line], hints: _Hints, attached: Sequence[Line], left: int) -> Reply:
    said, banner = without_banner(lines)
    history = _history(said, is_reply=bool(hints.is_reply))
    end = history.start if history else len(said)
    is_forward = history is not None and _is_forward(history, hints)
    forward = [*(said[end:] if is_forward else ()), *_apart(attached)]
    quotes = find_quotes(said[:end])
    own, quoted, signature = _sorted(said[:end], quotes, hints.sender, has_more=bool(quotes or forward))
    signature = [line.text for line in banner] + signature
    quoted += [line.text for line in said[end:]] if not is_forward else []
    if _says_something(own):
        if hints.is_forward and history is None:
            return _reply(own, [], signature, [*quoted, *(line.text for line in forward)])
        return _reply(own, quoted, signature, [line.text for line in forward])
    if forward and left:
        return _speaking(forward, quoted, [*own, *signature], left)
    rest = [line.text for line in (*said, *attached)]
    head = [line.text for line in banner]
    return _reply(rest, (), head) if "".join(rest).strip() else _reply(head)


def _says_something(texts: Sequence[str]) -> bool:
    # A picture's description does, where there is nothing else; a logo above a forward does not.
    return any(_VISIBLE.search(_PICTURE.sub("", text)) for text in texts)


def _is_forward(history: History, hints: _Hints) -> bool:
    return history.is_forward or hints.is_forward or (hints.is_reply is False and history.is_copied)


def _speaking(forward: Sequence[Line], quoted: list[str], signature: list[str], left: int) -> Reply:
    """Give the word to the message that was forwarded: its copied headers and its own words are the body."""
    start = end_of_block(forward)
    # Below the client's mark all is history; now it is the message.
    message = [replace(line, mark=Mark.PLAIN) if line.mark is Mark.HISTORY else line for line in forward[start:]]
    inner = _split(message, _Hints(is_forward=True), (), left - 1 if start else 0)
    head = [line.text for line in forward[:start]]
    return Reply(
        _joined([*head, "", inner.body]),
        _joined([*quoted, "", inner.quoted]),
        _joined([*signature, "", inner.signature]),
        inner.forwarded,
    )


def _reply(
    own: Sequence[str], quoted: Sequence[str] = (), signature: Sequence[str] = (), forwarded: Sequence[str] = ()
) -> Reply:
    return Reply(_joined(own), _joined(quoted), _joined(signature), _joined(forwarded))


def _apart(lines: Sequence[Line]) -> list[Line]:
    return [Line(""), *lines] if lines else []


def _history(lines: Sequence[Line], *, is_reply: bool) -> History | None:
    for at, line in enumerate(lines):
        if line.is_blank:
            continue
        if found := history_at(lines, at):
            return found
        if line.mark is Mark.CITED:
            continue
        if is_border(line):
            return History(_with_attribution(lines, at), is_copied=False)
        if may_end(line) and not _is_quote_next(lines, at):
            start = start_above_plain(lines, at, is_reply=is_reply)
            if start is not None:
                return History(start, is_copied=False)
    return None


def _with_attribution(lines: Sequence[Line], at: int) -> int:
    above = next((n for n in range(at - 1, max(-1, at - 4), -1) if not lines[n].is_blank), None)
    start = start_above_quote(lines, above) if above is not None and lines[above].mark is lines[at].mark else None
    return at if start is None else start


def _is_quote_next(lines: Sequence[Line], at: int) -> bool:
    below = next((line for line in lines[at + 1 : at + 6] if line.text.strip()), None)
    return below is not None and below.mark in (Mark.CITED, Mark.INDENTED)


def _sorted(
    lines: Sequence[Line], quotes: Sequence[Quote], sender: str, *, has_more: bool
) -> tuple[list[str], list[str], list[str]]:
    """Give every line to the body, the quotes or the signature."""
    own: list[str] = []
    quoted: list[str] = []
    signature: list[str] = []
    for piece in _pieces(lines, quotes):
        if isinstance(piece, Quote):
            quoted += [line.text for line in lines[piece.start : piece.end]]
            continue
        start = signature_start(piece, sender, may_be_all=has_more)
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
        # Below the last quote a signature may stand alone, which answers nothing; nor does what a delimiter begins.
        piece = [] if begins_with_delimiter(piece) else piece[: signature_start(piece, may_be_all=True)]
    return any(_VISIBLE.search(line.text) for line in piece)


def _last_own(lines: Sequence[Line], quotes: Sequence[Quote]) -> int:
    return max((end for quote, end in _gaps(lines, quotes) if _has_words(lines, quote.end, end)), default=0)


def _joined(texts: Sequence[str]) -> str:
    return _EMPTY_LINES.sub("\n\n\n", "\n".join(text.rstrip() for text in texts)).strip("\n \t\xa0")
