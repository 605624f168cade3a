"""What the brains see of a text: words, pairs of words, stems, and single characters where no spaces are."""

import re
from itertools import pairwise

LONGEST_TEXT = 6_000
STEM = 5
_TOKEN = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W_]+(?:['\u2019][^\W_]+)*|[!?]+")


def words(text: str) -> list[str]:
    """Return the text's words in order; Chinese, Japanese and Korean characters stand alone."""
    return _TOKEN.findall(text[:LONGEST_TEXT].casefold())


def plain_features(tokens: list[str]) -> set[str]:
    """Return what the small brain looks at: words alone."""
    return set(tokens)


def rich_features(tokens: list[str]) -> set[str]:
    """Return what the frontier brain looks at: words, neighbours, and beginnings of long words."""
    found = set(tokens)
    found.update(map(" ".join, pairwise(tokens)))
    found.update([token[:STEM] + "~" for token in tokens if len(token) > STEM])
    return found
