"""Tags that would close the ticket's block or open a turn, and words in characters that nobody sees."""

import re

_TAG = re.compile(r"<(/?)\s{0,9}(ticket|assistant|instructions?)\b([^<>]{0,300})>")
_UNSEEN_WORDS = re.compile("(?<!\U0001f3f4)[\U000e0020-\U000e007e]{8}")
"""Letters of the tag block; behind a black flag a few of them make the flag of a region."""


def has_stray_tag(text: str) -> bool:
    """Whether such a tag is closed that was not opened, or instructions are opened and never closed.

    In XML that somebody pasted every tag has its partner.
    """
    depth: dict[str, int] = {}
    for closing, name, more in _TAG.findall(text) if "<" in text else ():
        if more.endswith("/"):
            continue
        depth[name] = depth.get(name, 0) + (-1 if closing else 1)
        if depth[name] < 0:
            return True
    return depth.get("instruction", 0) > 0 or depth.get("instructions", 0) > 0


def has_unseen_words(text: str) -> bool:
    """Whether words are written in characters that a model reads and a person does not see."""
    return not text.isascii() and _UNSEEN_WORDS.search(text) is not None
