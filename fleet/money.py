"""Money is whole nano-dollars everywhere inside, so that sums are exact (docs/decisions/0004-money.md)."""

from decimal import Decimal

NANO_PER_DOLLAR = 1_000_000_000


def nano_dollars(dollars: Decimal | None) -> int | None:
    """Turn a setting in US dollars into nano-dollars, rounded down; None stays None."""
    return None if dollars is None else int(dollars * NANO_PER_DOLLAR)
