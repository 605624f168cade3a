"""The two brains: the small one learned little and sees words alone, the frontier one learned all there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ops.simulator.brain.brain import Brain
from ops.simulator.brain.counts import Columns
from ops.simulator.brain.features import plain_features, rich_features
from ops.simulator.brain.folds import is_in_part
from ops.simulator.brain.lexicon import Lexicon
from ops.simulator.brain.rows import Row, load_rows

SMALL_ROWS = 0.4
SMALL_LEXICON = 0.75


@dataclass(frozen=True)
class Brains:
    """Both tiers over the same columns."""

    columns: Columns
    small: Brain
    frontier: Brain


def train(rows: Sequence[Row]) -> Brains:
    """Train both tiers; no rows at all make brains that know nothing and say so."""
    columns = Columns(rows)
    part = [row for row in rows if is_in_part(row.text, SMALL_ROWS)]
    small = Brain(part, columns, plain_features, Lexicon(columns, share=SMALL_LEXICON), rows)
    return Brains(columns, small, Brain(rows, columns, rich_features, Lexicon(columns), rows))


@lru_cache(maxsize=4)
def trained(extra: tuple[Path, ...]) -> Brains:
    """Return the brains for some training files; trained once in a process."""
    return train(load_rows(extra))
