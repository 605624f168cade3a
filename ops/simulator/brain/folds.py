"""Which fifth of the labelled tickets a text belongs to, so that the model that answers never saw it."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

FOLDS = 5
RUN = 5  # so many words in a row are no coincidence
_NOISE = re.compile(r"[\W_]+")


def normalised(text: str) -> str:
    """Return a text without case, punctuation and spacing, so that trivial changes do not hide it."""
    return _NOISE.sub("", text).casefold()


def fold_of(text: str) -> int:
    """Return the fold of a text; rows and questions use the same rule."""
    return _digest(text)[0] % FOLDS


class Folds:
    """Knows which fold to leave out for a question, also when the text is a row's that lost its quotes or signature."""

    def __init__(self, rows: Iterable[tuple[str, list[str]]]) -> None:
        self._known: set[int] = set()
        self._runs: dict[int, int] = {}
        for text, tokens in rows:
            fold = fold_of(text)
            self._known.add(hash(normalised(text)))
            for run in _runs(tokens):
                self._runs.setdefault(run, fold)

    def to_leave_out(self, text: str, tokens: list[str]) -> int:
        """Return the fold of the row that the text is, else of the rows it shares most word runs with, else its own."""
        if hash(normalised(text)) in self._known:
            return fold_of(text)
        votes = Counter([fold for run in _runs(tokens) if (fold := self._runs.get(run)) is not None])
        return votes.most_common(1)[0][0] if votes else fold_of(text)


def is_in_part(text: str, share: float) -> bool:
    """Whether a text belongs to a fixed share of all texts, chosen independently of the folds."""
    return _digest(text)[1] < share * 256


def _digest(text: str) -> bytes:
    return hashlib.blake2b(normalised(text).encode("utf-8", "surrogatepass"), digest_size=2).digest()


def _runs(tokens: list[str]) -> Iterator[int]:
    return map(hash, zip(*[tokens[start:] for start in range(RUN)], strict=False))
