"""The words of a Slack message: its text, its blocks, its attachments, a mail that was sent to the channel."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from producers.slack.shapes import inner, rows, word
from producers.slack.text import plain, unescape_three

_PLACEHOLDERS = ("This content can't be displayed.", "This message contains interactive elements.")
"""What Slack writes as the text of a message that has its words in blocks."""

_DEPTH = 8
"""Of blocks within blocks; Slack's own have four."""

_WORD = re.compile(r"\w+")

_NO_WORDS = ("actions", "divider", "image", "video", "file", "button")


def words_of(message: Mapping[str, Any], *, is_app: bool = False) -> str:
    """What a message says. A person's text is all of it; an app's may be a line for the notification, no more."""
    own = _own_text(message)
    in_blocks = blocks_text(message.get("blocks"))
    mails = [_mail(row) for row in mails_in(message)]
    if is_app:
        attached = [_attachment(row) for row in rows(message, "attachments")]
        return _joined(_without_repeats([own, in_blocks, *mails, *attached]))
    shared = [_shared(row) for row in rows(message, "attachments") if row.get("is_share")]
    said = _joined([own or in_blocks, *mails, *shared])
    # Else they are previews of links, which nobody wrote.
    return said or _joined([_attachment(row) for row in rows(message, "attachments")])


def mails_in(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The mails in it: Slack hands on what is sent to a channel's address as a file of this kind."""
    return [row for row in rows(message, "files") if "email" in (row.get("mode"), row.get("filetype"))]


def file_names(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of its files, of those of messages that it shares, and of those of mails."""
    mails = mails_in(message)
    shared = [row for share in rows(message, "attachments") if share.get("is_share") for row in rows(share, "files")]
    inside = [row for mail in mails for row in rows(mail, "attachments")]
    own = [row for row in rows(message, "files") if row not in mails]
    return tuple(_name(row) for row in (*own, *shared, *inside))


def _name(row: Mapping[str, Any]) -> str:
    return word(row, "name") or word(row, "filename") or word(row, "title") or "file"


def _own_text(message: Mapping[str, Any]) -> str:
    text = word(message, "text").strip()
    return "" if text in _PLACEHOLDERS else plain(text)


def _shared(row: Mapping[str, Any]) -> str:
    blocks = [inner(part, "message").get("blocks") for part in rows(row, "message_blocks")]
    return (
        _own_text(row)
        or _joined([blocks_text(part) for part in (row.get("blocks"), *blocks)])
        or plain(word(row, "fallback"))
    )


def _attachment(row: Mapping[str, Any]) -> str:
    if row.get("is_share"):
        return _shared(row)
    fields = [": ".join(filter(None, (word(field, "title"), word(field, "value")))) for field in rows(row, "fields")]
    parts = [word(row, name) for name in ("pretext", "title", "text")] + fields
    return _joined([*map(plain, parts), blocks_text(row.get("blocks"))]) or plain(word(row, "fallback"))


def _mail(row: Mapping[str, Any]) -> str:
    text = word(row, "plain_text") or word(row, "preview_plain_text")
    return _joined([word(row, "subject") or word(row, "title"), text])


def _joined(parts: list[str]) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())


def _without_repeats(parts: list[str]) -> list[str]:
    """Leave out what another part says as well, however it is marked up."""
    said = [f" {' '.join(_WORD.findall(part.lower()))} " for part in parts]
    kept = []
    for place, (part, words) in enumerate(zip(parts, said, strict=True)):
        others = said[:place] + [other for other in said[place + 1 :] if other != words]
        if not words.strip() or not any(words in other for other in others):
            kept.append(part)
    return kept


def blocks_text(blocks: object) -> str:
    """What blocks say, a line for each piece: rich text, sections, headers, contexts, tables, what forms fill in."""
    return _joined(list(_lines(blocks, _DEPTH)))


def _lines(node: object, depth: int) -> Iterator[str]:
    if depth <= 0:
        return
    if isinstance(node, list):
        for part in node[:200]:
            yield from _lines(part, depth - 1)
    if not isinstance(node, Mapping) or node.get("type") in _NO_WORDS:
        return
    if node.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        yield "".join(_inline(part) for part in rows(node, "elements"))
        return
    text = node.get("text")
    if isinstance(text, str):
        yield plain(text) if node.get("type") in ("mrkdwn", "markdown") else unescape_three(text)
    for name in ("text", "title", "label", "fields", "elements", "rows"):
        if not isinstance(node.get(name), str):
            yield from _lines(node.get(name), depth - 1)


def _inline(part: Mapping[str, Any]) -> str:
    match part.get("type"):
        case "link":
            text, url = word(part, "text"), word(part, "url")
            return f"{text} ({url})" if text and text != url else url
        case "user" | "usergroup":
            return f"@{word(part, 'user_id') or word(part, 'usergroup_id')}"
        case "channel":
            return f"#{word(part, 'channel_id')}"
        case "broadcast":
            return f"@{word(part, 'range')}"
        case "emoji":
            return f":{word(part, 'name')}:"
        case _:
            return word(part, "text") or word(part, "fallback")
