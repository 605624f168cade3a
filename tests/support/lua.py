"""Edits of the ledger's Lua text for one test: another clock, or a guard taken out to see that its test fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from fleet.ledger import scripts

PRELUDE = "_prelude"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `old`, which must stand in the text exactly once, in one script or (PRELUDE) in all of them."""

    script: str
    old: str
    new: str


@contextmanager
def edited(*edits: Edit) -> Iterator[None]:
    """Serve edited scripts; only ledgers that have not loaded theirs yet see the edits. May be nested."""
    before = scripts.source

    def source(name: str) -> str:
        text = before(name)
        for edit in edits:
            if edit.script in (name, PRELUDE):
                text = _replaced(text, edit)
        return text

    for edit in edits:
        _replaced(before("accept" if edit.script == PRELUDE else edit.script), edit)
    with patch.object(scripts, "source", source):
        yield


def _replaced(text: str, edit: Edit) -> str:
    found = text.count(edit.old)
    assert found == 1, f"{edit.script}.lua has {found} times: {edit.old}"
    return text.replace(edit.old, edit.new)
