"""Words of a text as rules compare them: lower case, without marks, one space between, ends of sentences kept."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

SENTENCE_END = re.compile(r"[.!?;\n]")
_PARAGRAPH_END = re.compile(r"\n")
_FAR = 2_000
"""No sentence or paragraph is looked at further than this: many hits in one long text must stay cheap."""

_TOKEN = re.compile(r"[a-z0-9]+|[.!?;](?=\s|$)")
_SHORT_LINE = 50
"""Characters; a line that is shorter was not broken by a mail client, so what it says ends with it."""

_LETTERS = {code: unicodedata.normalize("NFKD", chr(code)) for code in range(0xC0, 0x250)}
_FOLDED: dict[int, str | None] = {
    code: "".join(letter for letter in letters if not unicodedata.combining(letter))
    for code, letters in _LETTERS.items()
}
_FOLDED |= dict.fromkeys(range(0x300, 0x370)) | {ord("ß"): "ss", ord("ł"): "l", ord("ø"): "o", ord("đ"): "d"}
_FOLDED |= {ord("œ"): "oe", ord("æ"): "ae", 0x131: "i"}  # 0x131 is the dotless i


@dataclass(frozen=True)
class Words:
    """A text as tokens, joined by single spaces: words, marks that end a sentence, line ends between paragraphs."""

    text: str

    @cached_property
    def distinct(self) -> frozenset[str]:
        """Each word once."""
        return frozenset(self.text.split(" "))

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence begins and ends that a place stands in; its mark is in it."""
        return _around(self.text, start, end, SENTENCE_END)

    def paragraph(self, start: int, end: int) -> tuple[int, int]:
        """Where the paragraph begins and ends that a place stands in."""
        return _around(self.text, start, end, _PARAGRAPH_END)


def words_of(text: str) -> Words:
    """Fold a text into its words."""
    tokens: list[str] = []
    for line in fold(text).split("\n"):
        found = _TOKEN.findall(line)
        tokens += found or ["\n"]
        if found and len(line) < _SHORT_LINE:
            tokens.append(".")
    return Words(" ".join(tokens))


def fold(text: str) -> str:
    """Take case and marks off: `Brände` and `brande` are one word."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_FOLDED)
    return text.replace("e-mail", "email")


def _around(text: str, start: int, end: int, border: re.Pattern[str]) -> tuple[int, int]:
    begin = max(
        (match.end() for match in border.finditer(text, max(0, start - _FAR), start)), default=max(0, start - _FAR)
    )
    stop = border.search(text, end, end + _FAR)
    return begin, stop.end() if stop else min(len(text), end + _FAR)
