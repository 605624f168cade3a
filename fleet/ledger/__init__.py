"""The ledger: where tickets live, in Redis keys that only Lua scripts change.

A transition is a value (`fleet.ledger.transitions`), run by a `Ledger` or an `AsyncLedger`. What is only read
stands in `fleet.ledger.reading`.
"""

from fleet.ledger.runner import AsyncLedger, Ledger

__all__ = ["AsyncLedger", "Ledger"]
